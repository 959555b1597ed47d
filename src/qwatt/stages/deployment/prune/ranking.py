"""Prunings that give every unit a score of its own, and keep the highest."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.stages.deployment.prune.calibration import Values
from qwatt.stages.deployment.prune.method import Notes, PruneMethod, passes
from qwatt.stages.deployment.prune.problem import Mask
from qwatt.stages.deployment.prune.setup import COMMON, LIMITS, Setup
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


class RoundRanking(Ranking):
    """Base: scores that depend on what is left of the model.

    In several rounds a part of what is to go goes in each, and the rest is judged anew in the model that is
    left (arXiv:1611.06440, section 2.1; arXiv:1906.10771).
    """

    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {"rounds": (1, 4)}
    limits: ClassVar[Mapping[str, Limit]] = LIMITS | {"rounds": (1, 100)}

    @abstractmethod
    def scores_under(self, found: Setup, mask: Mask) -> Values:
        """Return the worth of `found.single` in the model under a mask, shape (units,)."""

    def choose(self, found: Setup, settings: Settings, context: Context) -> tuple[Units, Mask, Notes]:
        """Let units go, those of the lowest scores first."""
        units, rounds = found.single, int(settings["rounds"])
        with context.phase(Ring.KERNEL, "rank"):
            scores = self.scores(found, context)
            for number in range(1, rounds + 1):
                counts = np.bincount(units.part)
                keep = counts - np.round((counts - units.keep) * number / rounds).astype(np.int64)
                mask = units.top(scores, keep)
                if number < rounds:
                    scores = np.where(mask, self.scores_under(found, mask), -np.inf)
        return units, mask, {"rounds": rounds}


class GradientRanking(RoundRanking):
    """Base: scores from every window's gradient to the mask."""

    @abstractmethod
    def worth(self, gradients: NDArray[np.float32]) -> Values:
        """Return the scores, shape (units,), of gradients of shape (windows, units)."""

    def scores(self, found: Setup, context: Context) -> Values:
        """Return those of the whole model."""
        return self.worth(context.shared(Ring.LOADING, "gradients", found.gradients))

    def scores_under(self, found: Setup, mask: Mask) -> Values:
        """Return those of the model under a mask."""
        return self.worth(found.calibration.window_gradients(found.single, mask.astype(np.float64)))

    def effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """One number a window and unit, and a pass for every round but the first."""
        rounds = int(settings["rounds"])
        numbers = Effort(work={"elementwise": float(rounds * found.calibration.windows * len(found.single))})
        return numbers + passes(found, rounds - 1, (rounds - 1) * found.calibration.gradient_backwards)

    def once(self, found: Setup, settings: Settings) -> Effort:
        """One pass forward and backward, or several backward."""
        return passes(found, 1, found.calibration.gradient_backwards)
