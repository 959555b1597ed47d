"""Classifier two-sample test: can a model tell the window from the reference (arXiv:1610.06545)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.method import DriftMethod
from qwatt.stages.monitoring.drift.permutation import Labels
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows

if TYPE_CHECKING:
    from sklearn import linear_model
else:
    linear_model = lazy("sklearn.linear_model")

_STEPS = 20
"""Of L-BFGS, as the plan assumes."""


@method
class ClassifierTest(DriftMethod):
    """Logistic regression on half the texts of both; the other half's mean margins are compared.

    Only the labels of the other half are permuted: the model does not depend on them.
    """

    name = "classifier"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1610.06545", "arXiv:1909.11298 (mean margins instead of accuracy)")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"C": (1.0, 0.1, 10.0, 100.0), "components": (0, 8)}

    def compared(
        self, samples: Sequence[Rows], settings: Settings, context: Context
    ) -> Sequence[NDArray[Any]]:
        """Return the margins of each pair's other half, those of the reference first."""
        return [_margins(rows, float(settings["C"]), context.rng) for rows in samples]

    def statistics(self, sample: NDArray[Any], assigned: Labels, settings: Settings) -> NDArray[np.float64]:
        """Return the mean margin of the window less that of the reference."""
        window = assigned.astype(np.float64)
        count = window.sum(axis=1)
        inside = window @ sample
        return np.asarray(inside / count - (sample.sum() - inside) / (len(sample) - count))

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the fit on half the texts."""
        products = 4.0 * problem.window * self.feature_count(problem, settings)
        return Effort(work={"gemm_flop": _STEPS * products, "iteration": _STEPS, "fit": 1.0})


def _margins(rows: Rows, c: float, rng: np.random.Generator) -> NDArray[np.float64]:
    size = len(rows) // 2
    reference, window = rng.permutation(size), size + rng.permutation(size)
    cut = size // 2
    train, held = (np.concatenate([reference[part], window[part]]) for part in (slice(cut), slice(cut, None)))
    model = linear_model.LogisticRegression(C=c, max_iter=1_000).fit(rows[train], train >= size)
    return np.asarray(model.decision_function(rows[held]), dtype=np.float64)
