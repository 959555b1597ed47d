"""MMD-FUSE: many kernels at once, without splitting the data (arXiv:2306.08777)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.discrepancy import permutation_flop, squared_discrepancies
from qwatt.stages.monitoring.drift.method import DriftMethod
from qwatt.stages.monitoring.drift.permutation import Labels
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows

if TYPE_CHECKING:
    from scipy.spatial import distance
else:
    distance = lazy("scipy.spatial.distance")

BANDWIDTHS = 10
"""Of each of the two kernels."""


@method
class MmdFuse(DriftMethod):
    """log mean exp of the normalised discrepancies of ten Gaussian and ten Laplace kernels.

    The bandwidths lie evenly between half the 5 % quantile and twice the 95 % quantile of the distances of a
    pair's texts, and each discrepancy is divided by the size of its kernel: both do not depend on the labels.
    """

    name = "mmd-fuse"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2306.08777",)
    space: ClassVar[dict[str, Sequence[Any]]] = {"components": (0, 8)}

    def compared(self, samples: Sequence[Rows], settings: Settings, context: Context) -> Sequence[Any]:
        """Return the normalised kernel matrices of each pair, shape (texts, texts, kernels)."""
        return [normalised_kernels(rows) for rows in samples]

    def statistics(self, sample: NDArray[Any], assigned: Labels, settings: Settings) -> NDArray[np.float64]:
        """Return the fused discrepancy of each assignment, lambda being sqrt(n (n - 1))."""
        n = int(min(assigned[0].sum(), (~assigned[0]).sum()))
        each = np.stack(
            [
                squared_discrepancies(gram, assigned)
                for gram in np.ascontiguousarray(np.moveaxis(sample, -1, 0))
            ]
        )
        rate = np.sqrt(n * (n - 1.0))
        largest = each.max(axis=0)
        return np.asarray(largest + np.log(np.exp(rate * (each - largest)).mean(axis=0)) / rate)

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the distances, an exponential an entry and kernel, and the permutations of each kernel."""
        texts, features = 2 * problem.window, self.feature_count(problem, settings)
        kernels = 2.0 * BANDWIDTHS
        work = {
            "gemm_flop": kernels * permutation_flop(texts),
            "elementwise": texts**2 * (2.0 * features + 6.0 * kernels),
        }
        return Effort(work=work)


def normalised_kernels(rows: Rows) -> NDArray[np.float64]:
    """Return Laplace and Gaussian kernels exp(-sqrt(2) d) and exp(-d^2 / 2), d the distance in bandwidths.

    Each is divided by the square root of the sum of its squares off the diagonal over n (n - 1), where there
    are 2 n texts.

    Args:
        rows: shape (texts, features).

    Returns:
        Shape (texts, texts, 2 `BANDWIDTHS`).
    """
    found, n = [], len(rows) // 2
    for measure, power, rate in (("cityblock", 1, np.sqrt(2.0)), ("euclidean", 2, 0.5)):
        condensed = distance.pdist(rows, measure)
        low, high = np.quantile(condensed, [0.05, 0.95])
        distances = distance.squareform(condensed)
        for bandwidth in np.linspace(0.5 * low, 2.0 * high, BANDWIDTHS):
            gram = np.exp(-rate * (distances / (bandwidth or 1.0)) ** power)
            scale = np.sqrt(max(0.0, float((gram**2).sum()) - 2 * n) / (n * (n - 1)))
            found.append(gram / (scale or 1.0))
    return np.stack(found, axis=-1)
