"""How good a partition is: against the truth or the best k-means, and by the variance it explains."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.problem import Quality
from qwatt.core.threads import one_thread
from qwatt.quantum.algorithms.lloyd import Labels, inertia
from qwatt.stages.curation.cluster.problem import ClusterAnswer, ClusterProblem

if TYPE_CHECKING:
    from scipy import optimize
    from sklearn import cluster, metrics
else:
    optimize, cluster, metrics = lazy("scipy.optimize"), lazy("sklearn.cluster"), lazy("sklearn.metrics")

RESTARTS = 10
"""Restarts of the k-means whose best partition is the reference; the judge's work, charged to nobody."""


def variance_explained(problem: ClusterProblem, labels: Labels) -> float:
    """Return 1 - (squared distances to the clusters' means) / (squared distances to the mean of all)."""
    points = problem.points
    whole = inertia(points, np.zeros(len(points), dtype=np.int64))
    return 1.0 - inertia(points, labels) / whole if whole > 0 else 1.0


def partition_quality(problem: ClusterProblem, answer: ClusterAnswer) -> Quality:
    """Return balanced accuracy after matching clusters to classes, and further metrics.

    Without labels the partition of least inertia of `RESTARTS` k-means takes the classes' place.
    """
    best = best_kmeans(problem, answer.clusters)
    truth = best if problem.truth is None else problem.truth
    sizes = np.bincount(answer.labels, minlength=answer.clusters)
    explained, most = variance_explained(problem, answer.labels), variance_explained(problem, best)
    extras: dict[str, Any] = {
        "truth": "best k-means" if problem.truth is None else "labels",
        "adjusted_rand": float(metrics.adjusted_rand_score(truth, answer.labels)),
        "accuracy": accuracy(answer.labels, truth),
        "variance_explained": explained,
        "variance_explained_by_best_kmeans": most,
        "agreement_with_best_kmeans": accuracy(answer.labels, best),
        "points": len(problem),
        "dimensions": problem.dimensions,
        "clusters": answer.clusters,
        "cluster_sizes": sorted(sizes.tolist(), reverse=True),
        "confusion": contingency(answer.labels, truth).tolist(),
    }
    return Quality(balanced_accuracy(answer.labels, truth), extras)


@lru_cache(maxsize=4)
def best_kmeans(problem: ClusterProblem, clusters: int) -> Labels:
    """Return the partition of least inertia of ten k-means++ starts, the same for everyone."""
    with one_thread():
        estimator = cluster.KMeans(clusters, n_init=RESTARTS, random_state=0)
        return np.asarray(estimator.fit(problem.points).labels_, dtype=np.int64)


def contingency(labels: Labels, truth: Labels) -> NDArray[np.int64]:
    """Return counts, shape (classes, clusters)."""
    found = np.zeros((truth.max() + 1, labels.max() + 1), dtype=np.int64)
    np.add.at(found, (truth, labels), 1)
    return found


def balanced_accuracy(labels: Labels, truth: Labels) -> float:
    """Return the mean over classes of the share in the class's own cluster, clusters matched one to one.

    The matching is the best one (Kuhn 1955, doi:10.1002/nav.3800020109); a class without a cluster has 0.
    """
    counts = contingency(labels, truth)
    counts = counts[counts.sum(axis=1) > 0]
    shares = counts / counts.sum(axis=1, keepdims=True)
    return float(shares[optimize.linear_sum_assignment(shares, maximize=True)].sum() / len(shares))


def accuracy(labels: Labels, truth: Labels) -> float:
    """Return the share of points in their class's own cluster, clusters matched one to one."""
    counts = contingency(labels, truth)
    return float(counts[optimize.linear_sum_assignment(counts, maximize=True)].sum() / len(labels))
