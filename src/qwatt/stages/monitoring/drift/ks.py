"""Two-sample Kolmogorov-Smirnov statistic of each feature, of which the largest counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.method import DriftMethod
from qwatt.stages.monitoring.drift.permutation import PERMUTATIONS, Labels
from qwatt.stages.monitoring.drift.problem import DriftProblem


@method
class KolmogorovSmirnov(DriftMethod):
    """max over features of max |F(x) - G(x)|: the order of the smallest p-value times the features.

    That is Bonferroni's statistic; its threshold is found by permutation as every other test's, which loses
    less than Bonferroni's own where features depend on each other.
    """

    name = "ks"
    kind = Kind.CLASSICAL
    sources = ("Smirnov 1939", "arXiv:1810.11953 (Kolmogorov-Smirnov with Bonferroni on embeddings)")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"components": (0, 8)}

    def statistics(self, sample: NDArray[Any], assigned: Labels, settings: Settings) -> NDArray[np.float64]:
        """Return the largest distance of the distribution functions over all features."""
        return kolmogorov_distances(sample, assigned)

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count three passes over the labels of every feature and assignment."""
        values = 2.0 * problem.window * self.feature_count(problem, settings) * (PERMUTATIONS + 1)
        return Effort(work={"elementwise": 3.0 * values})


def kolmogorov_distances(sample: NDArray[Any], assigned: Labels) -> NDArray[np.float64]:
    """Return the largest Kolmogorov-Smirnov distance over the features, shape (assignments,).

    Args:
        sample: shape (texts, features).
        assigned: shape (assignments, texts), each with as many labels of each kind.
    """
    size = assigned[0].sum()
    signs = np.where(assigned, 1, -1).astype(np.int32)
    largest = np.zeros(len(assigned), dtype=np.int64)
    for values in sample.T:
        order = np.argsort(values, kind="stable")
        last_of_equal = np.append(np.diff(values[order]) > 0, True)
        steps = np.cumsum(signs[:, order], axis=1)[:, last_of_equal]
        largest = np.maximum(largest, np.abs(steps).max(axis=1))
    return np.asarray(largest / size)
