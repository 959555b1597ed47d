"""Leading principal components in bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors
from qwatt.stages.encoding.load.scalar import products, products_effort, quantised, quantised_effort

if TYPE_CHECKING:
    from sklearn import decomposition
else:
    decomposition = lazy("sklearn.decomposition")


@method
class Pca(LoadMethod):
    """Principal components of the stored vectors, each coordinate a byte; the rest is taken as the mean."""

    name = "pca"
    kind = Kind.CLASSICAL
    sources = ("scikit-learn PCA",)
    space = {"components": (192, 64, 128, 256, 320)}

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Fit, project and quantise."""
        count = kept_components(problem, int(settings["components"]))
        with context.phase(Ring.LOADING, "encode"):
            fitted = decomposition.PCA(count, random_state=context.seed).fit(problem.stored)
            arrays = quantised(fitted.transform(problem.stored))
            arrays |= {"mean": fitted.mean_.astype(np.float32)}
            arrays |= {"components": fitted.components_.astype(np.float32)}
        return self.code(problem, arrays, count + 4)

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Compare the mean and the components."""
        arrays = code.arrays
        with context.phase(Ring.KERNEL, "compare"):
            found = products(queries @ arrays["components"].T, arrays)
            return np.asarray(found + (queries @ arrays["mean"])[:, None])

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the covariance, its eigenvectors and the projection."""
        vectors, dimensions = problem.stored.shape
        count = kept_components(problem, int(settings["components"]))
        fit = components_effort(vectors, dimensions)
        return (
            fit
            + Effort(work={"gemm_flop": 2.0 * vectors * dimensions * count})
            + quantised_effort(vectors * count)
        )

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Count the queries' projection and the product."""
        count = kept_components(problem, int(settings["components"]))
        projected = Effort(work={"gemm_flop": 2.0 * queries * count * problem.dimensions})
        return projected + products_effort(queries, count * len(problem.stored))


def components_effort(vectors: int, dimensions: int) -> Effort:
    """Return the work of fitting principal components: the covariance and its eigenvectors."""
    work = {"gemm_flop": 2.0 * vectors * dimensions**2, "decomposition_flop": 9.0 * dimensions**3, "fit": 1.0}
    return Effort(work=work)


def kept_components(problem: LoadProblem, wanted: int) -> int:
    """Return how many components there are, at most as many as wanted."""
    return min(wanted, problem.dimensions, len(problem.stored) - 1)
