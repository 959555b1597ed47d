"""Coordinate search: the best candidate of each weight, which needs no circuit once all are evaluated."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.training.weights.sweep import Search, SweepMethod


@method
class CoordinateSearch(SweepMethod):
    """Take the candidate of least loss: a line search along every weight in turn."""

    name: ClassVar[str] = "coordinate-search"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1502.04759 (coordinate descent)",)

    def pick(self, search: Search, settings: Settings, context: Context) -> int:
        """Return the least."""
        return int(search.losses.argmin())
