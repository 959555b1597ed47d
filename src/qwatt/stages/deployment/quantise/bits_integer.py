"""Bit allocation by integer programming: HiGHS proves the best choice (as HAWQ-V3, arXiv:2011.10680)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.bit_budget import BitBudget, Choice
from qwatt.stages.deployment.quantise.bits_method import BitsMethod

if TYPE_CHECKING:
    from scipy import optimize
else:
    optimize = lazy("scipy.optimize")


@method
class BitsInteger(BitsMethod):
    """The knapsack, solved to its proven optimum."""

    name = "bits-integer"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2011.10680",)

    def allocated(self, knapsack: BitBudget, settings: Settings, context: Context) -> Choice:
        """Solve."""
        return exact_choice(knapsack)

    def allocation_effort(self, layers: int, levels: int, settings: Settings, shots: int | None) -> Effort:
        """Count the solver's start; so few variables take it no time."""
        return Effort(work={"fit": 2.0})


def exact_choice(knapsack: BitBudget) -> Choice:
    """Return the choice of least loss within the budget.

    Raises:
        QwattError: the solver finds none, though the uniform choice is one.
    """
    layers, levels = knapsack.loss.shape
    one_each = optimize.LinearConstraint(np.kron(np.eye(layers), np.ones(levels)), 1.0, 1.0)
    within = optimize.LinearConstraint(knapsack.size.reshape(1, -1) / knapsack.budget, -np.inf, 1.0 + 1e-9)
    found = optimize.milp(
        knapsack.loss.ravel(),
        integrality=np.ones(layers * levels),
        bounds=optimize.Bounds(0.0, 1.0),
        constraints=[one_each, within],
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise QwattError(f"HiGHS finds no allocation of bits: {found.message}")
    return np.asarray(found.x.reshape(layers, levels).argmax(axis=1), dtype=np.int64)
