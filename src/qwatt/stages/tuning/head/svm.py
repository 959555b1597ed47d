"""Support vector machine with a Gaussian kernel: the classical twin of every kernel head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import squared_distances
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
            width = 1.0 / (x.shape[1] * (float(x.var()) or 1.0)) if gamma == "scale" else float(gamma)
            fitted = svm.SVC(C=settings["C"], gamma=width).fit(x, problem.train.labels)
        arrays = scale | support_arrays(fitted) | {"support_vectors": fitted.support_vectors_}
        parameters = fitted.dual_coef_.size + 1  # as arXiv:2504.08732 counts them
        return self.model(problem, arrays, parameters, gamma=width)

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return margins from the kernel with the support vectors."""
        rows = scaled(model.arrays, vectors)
        kernel = gaussian_kernel(rows, model.arrays["support_vectors"], float(model.config["gamma"]))
        return support_scores(model.arrays, kernel)

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the kernel matrix: 3 operations a pair and dimension."""
        return Effort(work={"gemm_flop": 3.0 * problem.dimensions * len(problem.train) ** 2, "fit": 1.0})

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Count one row of the kernel a sentence."""
        return Effort(work={"gemm_flop": 3.0 * problem.dimensions * len(problem.train) * sentences})


def gaussian_kernel(x: NDArray[Any], y: NDArray[Any], gamma: float) -> NDArray[np.float64]:
    """Return exp(-gamma |x - y|^2) of all pairs, shape (N, M)."""
    return np.asarray(np.exp(-gamma * squared_distances(x, y)), dtype=np.float64)
