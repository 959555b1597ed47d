"""Lloyd's iteration (doi:10.1109/TIT.1982.1056489) with any way to assign points."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    from sklearn import cluster
else:
    cluster = lazy("sklearn.cluster")

Points = NDArray[np.float64]
"""Shape (points, dimensions)."""
Labels = NDArray[np.int64]
"""Cluster of each point, shape (points,)."""
Assign = Callable[[Points, Points], Labels]
"""Called with points (N, d) and centroids (k, d); returns the cluster of each point."""


def starts(points: Points, clusters: int, rng: np.random.Generator) -> Points:
    """Return centroids by k-means++ (Arthur and Vassilvitskii 2007), shape (clusters, d).

    It computes k distances a point, as many as one iteration, whoever measures the later ones.
    """
    found, _ = cluster.kmeans_plusplus(points, clusters, random_state=int(rng.integers(2**31)))
    return np.asarray(found, dtype=np.float64)


def squared_distances(points: Points, centroids: Points) -> NDArray[np.float64]:
    """Return |x - c|^2, shape (N, k)."""
    squares = (points**2).sum(axis=1)[:, None] + (centroids**2).sum(axis=1)
    return np.asarray(np.maximum(squares - 2.0 * points @ centroids.T, 0.0), dtype=np.float64)


def nearest(points: Points, centroids: Points) -> Labels:
    """Return the nearest centroid of each point."""
    return np.asarray(squared_distances(points, centroids).argmin(axis=1), dtype=np.int64)


def means(points: Points, labels: Labels, before: Points) -> Points:
    """Return the clusters' means; an empty cluster keeps its centroid of `before`."""
    members = (labels == np.arange(len(before))[:, None]).astype(np.float64)
    counts = members.sum(axis=1, keepdims=True)
    return np.where(counts > 0, members @ points / np.maximum(counts, 1.0), before)


def iterate(points: Points, centroids: Points, assign: Assign, iterations: int) -> tuple[Labels, Points]:
    """Assign and average by turns; return the last assignment and its means."""
    labels = np.zeros(len(points), dtype=np.int64)
    for _ in range(iterations):
        labels = assign(points, centroids)
        centroids = means(points, labels, centroids)
    return labels, centroids


def inertia(points: Points, labels: Labels) -> float:
    """Return the sum of squared distances of points to their clusters' means."""
    centroids = means(points, labels, np.zeros((int(labels.max()) + 1, points.shape[1])))
    return float(((points - centroids[labels]) ** 2).sum())
