"""Prunings by a quadratic model of the loss: a search of it, and the true loss of the best that it finds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.deployment.prune.loss_model import (
    CURVATURES,
    FISHER,
    FITTED,
    FITTED_MASKS,
    chosen_curvature,
)
from qwatt.stages.deployment.prune.method import Notes, PruneMethod, passes
from qwatt.stages.deployment.prune.problem import Indices, Mask
from qwatt.stages.deployment.prune.setup import AUTO, COMMON, LIMITS, Setup
from qwatt.stages.deployment.prune.units import Units

if TYPE_CHECKING:
    from qwatt.quantum.qubo import BudgetedQubo

SOURCES = ("arXiv:2602.00161", "arXiv:2604.05856")
MODEL: dict[str, Sequence[Any]] = {"curvature": (AUTO,), "expansion": (AUTO,), "candidates": (20,)}
"""`curvature` is hessian, fisher or fitted. `expansion` is keep-ratio, or whole for derivatives of the whole
model; "auto" is the keep ratio for the Hessian, and the whole for the Fisher information, which is near the
Hessian only where the model fits the text."""
MODEL_LIMITS: dict[str, Limit] = {
    "curvature": frozenset({AUTO, *CURVATURES}),
    "expansion": frozenset({AUTO, "keep-ratio", "whole"}),
    "candidates": (1, 1000),
}
_PRODUCT_BACKWARDS = 1.6
"""Backward passes that a Hessian-vector product takes: 51 forward ones for 16 products (own prototype)."""
SPACE: dict[str, Sequence[Any]] = COMMON | MODEL
SPACE_LIMITS: dict[str, Limit] = LIMITS | MODEL_LIMITS


class QuadraticMethod(PruneMethod):
    """Base: all search one model; the masks of least energy are asked about on the true loss, the best stays.

    What is best in the model need not be in truth (arXiv:2602.00161).
    """

    sources: ClassVar[tuple[str, ...]] = SOURCES
    space: ClassVar[Mapping[str, Sequence[Any]]] = SPACE
    limits: ClassVar[Mapping[str, Limit]] = SPACE_LIMITS

    @abstractmethod
    def search(self, model: BudgetedQubo, settings: Settings, context: Context) -> tuple[Mask, Notes]:
        """Return masks that keep the budgets, shape (masks, units), found inside energy windows."""

    @abstractmethod
    def search_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Return what the search takes."""

    def choose(self, found: Setup, settings: Settings, context: Context) -> tuple[Units, Mask, Notes]:
        """Make the model, search it, and take the best of the true loss."""
        if found.has_groups:
            context.shared(Ring.LOADING, "gradients", found.gradients)
        curvature, expansion = str(settings["curvature"]), str(settings["expansion"])
        loss = context.shared(
            Ring.LOADING, "loss model", lambda: found.loss_model(curvature, expansion, context.seed)
        )
        model = loss.qubo(found.grouped)
        masks, notes = self.search(model, settings, context)
        best = lowest(model, masks, int(settings["candidates"]))
        with context.phase(Ring.OUTER, "true loss"):
            losses = found.calibration.losses(found.grouped, list(best))
        rank = int(losses.argmin())
        energies = model.energies(best)
        notes |= {"curvature": loss.curvature, "least_energy": float(energies[0]), "chosen_rank": rank + 1}
        notes |= {"candidates": len(best), "loss_of_least_energy": float(losses[0])}
        return found.grouped, best[rank], notes

    def effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """The search, and a pass a candidate."""
        return self.search_effort(found, settings, shots) + passes(found, int(settings["candidates"]))

    def once(self, found: Setup, settings: Settings) -> Effort:
        """The gradients that group the channels, and the model."""
        kind = chosen_curvature(str(settings["curvature"]), found.variables, found.has_groups)
        backwards = found.calibration.gradient_backwards
        grouping = passes(found, 1, backwards) if found.has_groups else Effort()
        if kind == FITTED:
            return grouping + passes(found, FITTED_MASKS)
        if kind == FISHER:
            calibration = found.calibration
            slope = passes(found, calibration.slope_passes, calibration.slope_passes)
            known = found.has_groups and settings["expansion"] != "keep-ratio"
            return grouping + slope + (Effort() if known else passes(found, 1, backwards))
        return grouping + passes(found, 1, 1 + _PRODUCT_BACKWARDS * found.variables)


def lowest(model: BudgetedQubo, masks: Mask, count: int) -> NDArray[np.int8]:
    """Return the different masks of least energy, the lowest first, shape (count or fewer, units).

    Exchanges of the best that a search found are among them, whichever search it was.
    """
    best = masks[model.energies(masks).argmin()]
    different = np.unique(np.concatenate([masks, exchanges(best, model.part)]), axis=0)
    return different[np.argsort(model.energies(different), kind="stable")[:count]]


def exchanges(mask: Mask, part: Indices) -> Mask:
    """Return all masks that a kept and a cut unit of one part change places in, shape (masks, units)."""
    ones, zeros = np.flatnonzero(mask), np.flatnonzero(mask == 0)
    on, off = np.nonzero(part[ones][:, None] == part[zeros])
    found = np.tile(mask, (len(on), 1))
    found[np.arange(len(on)), ones[on]], found[np.arange(len(on)), zeros[off]] = 0, 1
    return found
