"""What the settings mean on a problem: the model, what can be cut, its calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Settings
from qwatt.core.shared import Shared
from qwatt.language.decoder import MODEL_SPACE, chosen_decoder
from qwatt.language.model_choice import ANY_MODEL_LIMITS
from qwatt.stages.deployment.prune.anatomy import anatomy
from qwatt.stages.deployment.prune.calibration import Calibration, Values
from qwatt.stages.deployment.prune.loss_model import (
    FITTED,
    HESSIAN,
    LossModel,
    chosen_curvature,
    exact_model,
    fisher_model,
    fitted_model,
)
from qwatt.stages.deployment.prune.problem import BLOCKS, FFN, MIXED, UNITS, Cut, Indices, PruneProblem
from qwatt.stages.deployment.prune.prunable import load_prunable
from qwatt.stages.deployment.prune.units import (
    Unit,
    Units,
    grouped_units,
    single_units,
)

if TYPE_CHECKING:
    from qwatt.energy import meter
else:
    meter = lazy("qwatt.energy.meter")

T = TypeVar("T")
Gradients = Shared[NDArray[np.float32]]
"""Of every window to single units, shape (windows, units), and what it cost."""

AUTO = "auto"
COMMON: dict[str, Sequence[Any]] = {
    **MODEL_SPACE,
    "units": (AUTO,),
    "keep": (0.0,),
    "widths": ("uniform",),
    "groups": (0,),
    "ridge": (0.0,),
}
"""For the user to fix, for all methods at once; "auto" and 0 take what the size of the problem says.

`units` are heads, ffn (feed-forward channels), blocks, or mixed (heads and channels). `keep` is the share
of them that stays. `widths` is "uniform", as much in every block, so that plain transformers loads the
result, or "free", as much on the whole, which takes a modelling file that must be trusted. `groups` of a
block's channels are what searches have variables for. `ridge` above 0 fits the output matrices anew.
"""
LIMITS: dict[str, Limit] = {
    **ANY_MODEL_LIMITS,
    "units": frozenset({AUTO, *UNITS}),
    "keep": (0.0, 0.99),
    "widths": frozenset({"uniform", "free"}),
    "groups": (0, 4096),
    "ridge": (0.0, 100.0),
}


class Setup:
    """A model that is to be cut, and its calibration.

    Args:
        problem: text and budget.
        name: the model's name or folder.
        cut: what is cut, and how much.

    Raises:
        QwattError: no such model, it is built otherwise, there is too little text, or nothing to cut.
    """

    def __init__(self, problem: PruneProblem, name: str, cut: Cut) -> None:
        self.whole, self.cut = load_prunable(name), cut
        self.anatomy = anatomy(self.whole.model)
        self.single = single_units(self.anatomy, cut)
        self.calibration, self._gradients = _calibration(problem, name)
        self._models: dict[tuple[str, str, int], Shared[LossModel]] = {}

    def gradients(self) -> Gradients:
        """Return every window's gradient to the whole model's single units, and what it cost."""
        kind = self.cut.units
        if kind not in self._gradients:
            ones = np.ones(len(self.single))
            self._gradients[kind] = measured(
                "gradients", lambda: self.calibration.window_gradients(self.single, ones)
            )
        return self._gradients[kind]

    @property
    def has_groups(self) -> bool:
        """Whether searches have groups of channels for variables, which takes gradients to make."""
        return self.cut.units in (FFN, MIXED)

    @cached_property
    def like_grouped(self) -> Units:
        """Variables of searches in number and budgets, whatever is in each group; takes no gradients."""
        return grouped_units(self.anatomy, self.cut, np.zeros(len(self.single)))

    @property
    def variables(self) -> int:
        """Number of a search's variables."""
        return len(self.like_grouped)

    @cached_property
    def grouped(self) -> Units:
        """Variables of searches: channels in groups of neighbours by first-order worth."""
        if not self.has_groups:
            return self.single
        return grouped_units(self.anatomy, self.cut, self._single_worth)

    @cached_property
    def worth(self) -> Values:
        """First-order worth of the variables of searches, that of their members together."""
        return self._summed(self._single_worth)

    def _summed(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return sums over the single units of each variable, shape (..., variables)."""
        place = {
            (unit.kind, unit.block, int(m)): n for n, unit in enumerate(self.single.units) for m in _own(unit)
        }
        groups = [[place[unit.kind, unit.block, int(m)] for m in _own(unit)] for unit in self.grouped.units]
        return np.stack([values[..., members].sum(-1) for members in groups], -1)

    @cached_property
    def _single_worth(self) -> Values:
        return np.asarray(np.abs(self.gradients().value).mean(0), dtype=np.float64)

    def loss_model(self, curvature: str, expansion: str, seed: int) -> Shared[LossModel]:
        """Return the quadratic model of the loss in the variables of searches, and what it cost.

        Args:
            curvature: "hessian", "fisher", "fitted", or "auto".
            expansion: "keep-ratio" or "whole", for derivatives at the share that stays or at the whole, or
                "auto".
            seed: draws the masks that a model is fitted to.
        """
        kind = chosen_curvature(curvature, self.variables, self.has_groups)
        if (key := (kind, expansion, seed)) not in self._models:
            self._models[key] = measured("loss model", lambda: self._model(kind, expansion, seed))
        return self._models[key]

    def _model(self, kind: str, expansion: str, seed: int) -> LossModel:
        units = self.grouped
        if kind == FITTED:
            return fitted_model(self.calibration, units, np.random.default_rng([seed, 16]))
        near_ratio = kind == HESSIAN if expansion == AUTO else expansion == "keep-ratio"
        at = units.ratio if near_ratio else 1.0
        if kind == HESSIAN:
            return exact_model(self.calibration, units, at)
        # a variable's gradient is the sum of its channels', which were taken at the whole to group them
        known = self._summed(self.gradients().value) if self.has_groups and not near_ratio else None
        return fisher_model(self.calibration, units, at, known)


def _own(unit: Unit) -> Indices:
    """Return a unit's members, one for a block."""
    return unit.members if unit.kind != BLOCKS else np.zeros(1, dtype=np.int64)


def measured(name: str, work: Callable[[], T]) -> Shared[T]:
    """Return a result and what making it cost just now."""
    with meter.Meter().window(name) as window:
        found = work()
    return Shared(found, window.energy, window.seconds, f"{name}, measured in this run")


def setup(problem: PruneProblem, settings: Settings) -> Setup:
    """Return what settings mean on a problem; what they share is done once.

    Raises:
        QwattError: as `Setup`.
    """
    return _setup(problem, chosen_decoder(settings, problem.decoder), chosen_cut(problem, settings))


def loaded(problem: PruneProblem, settings: Settings) -> Shared[Setup]:
    """Return the same as work that no method is charged for: all load one model, or train it before."""
    found = setup(problem, settings)
    note = "making and loading the model and its text is charged to no method"
    return replace(measured("load", lambda: found), note=note)


def chosen_cut(problem: PruneProblem, settings: Mapping[str, Any]) -> Cut:
    """Return the problem's cut with what the user fixed."""
    own = problem.cut
    return replace(
        own,
        units=own.units if settings["units"] == AUTO else str(settings["units"]),
        keep=float(settings["keep"]) or own.keep,
        widths=str(settings["widths"]),
        groups=int(settings["groups"]) or own.groups,
    )


@lru_cache(maxsize=2)
def _setup(problem: PruneProblem, name: str, cut: Cut) -> Setup:
    return Setup(problem, name, cut)


@lru_cache(maxsize=2)
def _calibration(problem: PruneProblem, name: str) -> tuple[Calibration, dict[str, Gradients]]:
    """Return the text in the model's tokens, and a place for the gradients by kind of unit.

    Neither depends on how much is cut.
    """
    return load_prunable(name).calibration(problem.texts(name)[0], problem), {}
