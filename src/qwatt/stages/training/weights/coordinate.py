"""Coordinate search: the best candidate of each weight, which needs no circuit once all are evaluated."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.training.weights.state import Losses
from qwatt.stages.training.weights.sweep import SweepMethod


@method
class CoordinateSearch(SweepMethod):
    """Take the candidate of least loss: a line search along every weight in turn."""

    name: ClassVar[str] = "coordinate-search"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1502.04759 (coordinate descent)",)

    def pick(
        self,
        losses: Losses,
        present: float,
        qubits: int,
        settings: Settings,
        context: Context,
        tally: Counter[str],
    ) -> int:
        """Return the least."""
        return int(losses.argmin())
