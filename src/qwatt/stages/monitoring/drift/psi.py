"""Population stability index of each feature, their mean."""

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

_PRIOR = 0.5
"""Texts added to every bin, so that an empty one has a logarithm."""


@method
class StabilityIndex(DriftMethod):
    """Mean over features of sum (p - q) ln(p / q) over bins, p and q the shares of window and reference.

    The bins are quantiles of both together, so that they do not depend on the labels.
    """

    name = "psi"
    kind = Kind.CLASSICAL
    sources = ("Siddiqi 2006 (credit risk scorecards)",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"bins": (10, 5), "components": (0, 8)}
    limits = {"bins": (2, 100)}

    def statistics(self, sample: NDArray[Any], assigned: Labels, settings: Settings) -> NDArray[np.float64]:
        """Return the index, mean over the features, of each assignment."""
        return stability_indices(sample, assigned, int(settings["bins"]))

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count one product with the membership of bins, and about 30 values' time for a bin's two shares."""
        cells = (PERMUTATIONS + 1.0) * self.feature_count(problem, settings) * int(settings["bins"])
        return Effort(work={"gemm_flop": 4.0 * problem.window * cells, "elementwise": 30.0 * cells})


def stability_indices(sample: NDArray[Any], assigned: Labels, bins: int) -> NDArray[np.float64]:
    """Return the mean population stability index of the features, shape (assignments,).

    Args:
        sample: shape (texts, features).
        assigned: shape (assignments, texts).
        bins: number of quantiles.
    """
    edges = np.quantile(sample, np.arange(1, bins) / bins, axis=0)
    bin_of = (sample[:, None, :] > edges).sum(axis=1)
    member = (bin_of[:, :, None] == np.arange(bins)).reshape(len(sample), -1).astype(np.float32)
    own = assigned.astype(np.float32) @ member
    counts = np.stack([own, member.sum(axis=0) - own]).reshape(2, len(assigned), -1, bins) + _PRIOR
    p, q = counts / counts.sum(axis=-1, keepdims=True)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1).mean(axis=-1), dtype=np.float64)
