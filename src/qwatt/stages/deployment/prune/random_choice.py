"""Units at random: what pruning costs without any thought."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.calibration import Values
from qwatt.stages.deployment.prune.ranking import Ranking
from qwatt.stages.deployment.prune.setup import Setup


@method
class RandomChoice(Ranking):
    """As many units as all others keep, drawn at random."""

    name: ClassVar[str] = "random"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2003.03033",)

    def scores(self, found: Setup, context: Context) -> Values:
        """Return random numbers."""
        return context.rng.random(len(found.single))

    def effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Next to nothing."""
        return Effort(work={"elementwise": float(len(found.single))})
