"""Support vector machine with a Gaussian kernel: the classical twin of every kernel head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors
from qwatt.stages.tuning.head.standardise import fit_scale, scaled
from qwatt.stages.tuning.head.support_vectors import support_arrays, support_scores

if TYPE_CHECKING:
    from sklearn import svm
else:
    svm = lazy("sklearn.svm")


@method
class SvmHead(HeadMethod):
    """RBF-SVM on the whole embedding; several classes vote pair by pair."""

    name = "svm-rbf"
    kind = Kind.CLASSICAL
    sources = ("scikit-learn SVC",)
    space = {"C": (1.0, 0.1, 10.0, 100.0), "gamma": ("scale", 0.0003, 0.001, 0.01)}
    assumes = "every sentence becomes a support vector"

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Fit on standardised embeddings; gamma is per value, "scale" is one over their number."""
        with context.phase(Ring.KERNEL, "train"):
            scale = fit_scale(problem.train.vectors)
            x = scaled(scale, problem.train.vectors)
            gamma = settings["gamma"]
            width = 1.0 / (x.shape[1] * float(x.var())) if gamma == "scale" else float(gamma)
            fitted = svm.SVC(C=settings["C"], gamma=width).fit(x, problem.train.labels)
        arrays = scale | support_arrays(fitted) | {"support_vectors": fitted.support_vectors_}
        parameters = fitted.dual_coef_.size + 1  # as arXiv:2504.08732 counts them
        return self.model(problem, arrays, parameters, gamma=width)

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return margins from the kernel with the support vectors."""
        return support_scores(model.arrays, _gaussian(model.arrays, vectors, float(model.config["gamma"])))

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the kernel matrix: 3 operations a pair and dimension."""
        return Effort(work={"gemm_flop": 3.0 * problem.dimensions * len(problem.train) ** 2, "fit": 1.0})

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Count one row of the kernel a sentence."""
        return Effort(work={"gemm_flop": 3.0 * problem.dimensions * len(problem.train) * sentences})


def _gaussian(arrays: Mapping[str, NDArray[Any]], vectors: Vectors, gamma: float) -> NDArray[np.float64]:
    """Return exp(-gamma |x - s|^2), shape (sentences, support vectors)."""
    squares = squared_distances(scaled(arrays, vectors), arrays["support_vectors"])
    return np.asarray(np.exp(-gamma * squares), dtype=np.float64)


def squared_distances(x: NDArray[np.float64], y: NDArray[Any]) -> NDArray[np.float64]:
    """Return |x - y|^2 of all pairs, shape (N, M), never below 0."""
    squares = (x**2).sum(1)[:, None] + (y**2).sum(1) - 2.0 * x @ y.T
    return np.asarray(np.maximum(squares, 0.0))
