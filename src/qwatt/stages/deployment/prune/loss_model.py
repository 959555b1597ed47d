"""The loss as a quadratic function of the mask: around the keep ratio, or fitted to random masks.

With g and H the derivatives at the mask that is alpha everywhere, minimise
E(x) = g (x - alpha) + (x - alpha) H (x - alpha) / 2 over masks x that keep the budget. Alpha is the share
that stays, so that the masks asked about lie around the point of expansion; at alpha = 1 all lie to one side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.deployment.prune.calibration import Calibration, Values
from qwatt.stages.deployment.prune.units import Units

if TYPE_CHECKING:
    from sklearn import linear_model

    from qwatt.quantum import qubo
else:
    linear_model, qubo = lazy("sklearn.linear_model"), lazy("qwatt.quantum.qubo")

HESSIAN, FISHER, FITTED = "hessian", "fisher", "fitted"
CURVATURES = (HESSIAN, FISHER, FITTED)
MOST_PRODUCTS = 64
"""Beyond so many units the Hessian-vector products take too long, and the Fisher matrix stands for them. So
it does for groups of channels, few as they may be: masks that the exact Hessian chooses lose more on
validation text (README.md)."""
FITTED_MASKS = 150
_PENALTIES = np.logspace(-6, 1, 15)


@dataclass(frozen=True, eq=False)
class LossModel:
    """A quadratic model of the calibration loss, less a constant.

    Args:
        linear: shape (units,).
        quadratic: upper triangle, shape (units, units).
        curvature: how it was made.
    """

    linear: Values
    quadratic: NDArray[np.float64]
    curvature: str

    def qubo(self, units: Units) -> qubo.BudgetedQubo:
        """Return it with the budgets of the units."""
        return qubo.BudgetedQubo(self.linear, self.quadratic, units.part, units.keep)


def chosen_curvature(wanted: str, units: int, grouped: bool) -> str:
    """Return how a model of so many units is made; "auto" is the Hessian where they are few, none a group."""
    if wanted in CURVATURES:
        return wanted
    return FISHER if grouped or units > MOST_PRODUCTS else HESSIAN


def expanded(gradient: Values, hessian: NDArray[np.float64], at: float, curvature: str) -> LossModel:
    """Return the model whose derivatives at the mask `at` are given."""
    linear = gradient - at * hessian.sum(axis=1) + hessian.diagonal() / 2.0
    return LossModel(linear, np.triu(hessian, 1), curvature)


def exact_model(calibration: Calibration, units: Units, at: float) -> LossModel:
    """Return the second-order expansion, from one Hessian-vector product a unit."""
    return expanded(*calibration.curvature(units, np.full(len(units), at)), at, HESSIAN)


def fisher_model(
    calibration: Calibration, units: Units, at: float, known: NDArray[np.float32] | None = None
) -> LossModel:
    """Return the expansion with the Fisher information in the place of the Hessian.

    Args:
        calibration: the text.
        units: the variables.
        at: every value of the mask that is expanded around.
        known: windows' gradients there, shape (windows x probes, units); None takes them.
    """
    return expanded(*calibration.information(units, np.full(len(units), at), known), at, FISHER)


def fitted_model(calibration: Calibration, units: Units, rng: np.random.Generator) -> LossModel:
    """Return the ridge regression of the loss of random masks, its penalty by leaving one out."""
    masks = [units.random(rng) for _ in range(FITTED_MASKS)]
    losses, x = calibration.losses(units, masks), np.array(masks, dtype=np.float64)
    rows, columns = np.triu_indices(len(units), 1)
    features = np.concatenate([x, x[:, rows] * x[:, columns]], axis=1)
    found = linear_model.RidgeCV(alphas=_PENALTIES).fit(features, losses)
    quadratic = np.zeros((len(units), len(units)))
    quadratic[rows, columns] = found.coef_[len(units) :]
    return LossModel(found.coef_[: len(units)], quadratic, FITTED)
