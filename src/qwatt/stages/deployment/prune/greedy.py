"""Units one after the other, each the one whose going costs least on the true loss."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.method import Notes, PruneMethod, passes
from qwatt.stages.deployment.prune.problem import Indices, Mask
from qwatt.stages.deployment.prune.setup import Setup
from qwatt.stages.deployment.prune.units import Units

_ROUNDS = 16
_TRIED = 32
"""More rounds, and more units a round, are too dear: then several go at once, and only those are tried whose
first-order worth is least."""


@method
class Greedy(PruneMethod):
    """Backward elimination: every round tries what may go, and takes what costs least."""

    name: ClassVar[str] = "greedy"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1905.10650", "arXiv:2204.09656")

    def choose(self, found: Setup, settings: Settings, context: Context) -> tuple[Units, Mask, Notes]:
        """Take units away until the budgets are met."""
        if found.has_groups or found.variables > _TRIED:
            context.shared(Ring.LOADING, "gradients", found.gradients)
        units, tried = found.grouped, 0
        mask = np.ones(len(units), dtype=np.int8)
        with context.phase(Ring.KERNEL, "eliminate"):
            while left := int(mask.sum() - units.keep.sum()):
                candidates = _candidates(found, units, mask)
                masks = [np.where(np.arange(len(units)) == unit, 0, mask) for unit in candidates]
                losses = found.calibration.losses(units, masks, "units of a round")
                tried += len(candidates)
                going = min(left, _step(units))
                for unit in candidates[np.argsort(losses, kind="stable")]:
                    if going and unit in _free(units, mask):
                        mask[unit], going = 0, going - 1
        return units, mask, {"masks_tried": tried}

    def effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """A pass for every unit that is tried."""
        units = found.like_grouped
        left = range(len(units), int(units.keep.sum()), -_step(units))
        return passes(found, sum(min(count, _TRIED) for count in left))

    def once(self, found: Setup, settings: Settings) -> Effort:
        """The gradients, where units are chosen by them."""
        return (
            passes(found, 1, found.calibration.gradient_backwards)
            if found.has_groups or found.variables > _TRIED
            else Effort()
        )


def _step(units: Units) -> int:
    """Return how many go in a round."""
    return -(-(len(units) - int(units.keep.sum())) // _ROUNDS)


def _free(units: Units, mask: Mask) -> Indices:
    """Return the units that are there, in parts that still hold too many."""
    counts = np.bincount(units.part, weights=mask, minlength=len(units.keep))
    return np.flatnonzero((mask == 1) & (counts > units.keep)[units.part])


def _candidates(found: Setup, units: Units, mask: Mask) -> Indices:
    """Return the units that are tried in a round."""
    free = _free(units, mask)
    if len(free) <= _TRIED:
        return free
    return free[np.argsort(found.worth[free], kind="stable")[:_TRIED]]
