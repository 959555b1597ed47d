"""Prunings that give every unit a score of its own, and keep the highest."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.stages.deployment.prune.calibration import Values
from qwatt.stages.deployment.prune.method import Notes, PruneMethod, passes
from qwatt.stages.deployment.prune.problem import Mask
from qwatt.stages.deployment.prune.setup import Setup
from qwatt.stages.deployment.prune.units import Units


class Ranking(PruneMethod):
    """Base: single heads, channels or blocks by their scores, the highest of every part stay."""

    kind: ClassVar[Kind] = Kind.CLASSICAL

    @abstractmethod
    def scores(self, found: Setup, context: Context) -> Values:
        """Return the worth of `found.single`, shape (units,)."""

    def choose(self, found: Setup, settings: Settings, context: Context) -> tuple[Units, Mask, Notes]:
        """Keep the highest."""
        with context.phase(Ring.KERNEL, "rank"):
            return found.single, found.single.top(self.scores(found, context)), {}

    def effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Scores that read every weight once, or less."""
        return Effort(work={"elementwise": float(found.whole.parameters)})


class GradientRanking(Ranking):
    """Base: scores from every window's gradient to the mask of the whole model."""

    def effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """One number a window and unit."""
        return Effort(work={"elementwise": float(found.calibration.windows * len(found.single))})

    def once(self, found: Setup, settings: Settings) -> Effort:
        """One pass forward and backward."""
        return passes(found, 1, 1)
