"""Control of the Grover searches: a candidate at random, for the same loss evaluations."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.training.weights.sweep import Search, SweepMethod


@method
class RandomCandidate(SweepMethod):
    """Pick any candidate and take it if the loss falls; all are evaluated, as for a simulated search."""

    name: ClassVar[str] = "random-candidate"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("random choice",)

    def pick(self, search: Search, settings: Settings, context: Context) -> int:
        """Draw evenly."""
        return int(context.rng.integers(len(search.losses)))
