"""Quantum k-means: amplitude encoding, and the overlap with every centroid by a test (arXiv:1307.0411)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms import lloyd, overlap_distances
from qwatt.quantum.algorithms.lloyd import Labels, Points
from qwatt.stages.curation.cluster.agreement import cosine_variance, expected_agreement
from qwatt.stages.curation.cluster.measured import Distances, MeasuredKMeans
from qwatt.stages.curation.cluster.method import COMMON

if TYPE_CHECKING:
    from qwatt.quantum.circuits import overlap as tests
else:
    tests = lazy("qwatt.quantum.circuits.overlap")


@method
class QuantumKMeans(MeasuredKMeans):
    """log2(d) qubits hold d values; |x - c|^2 = |x|^2 + |c|^2 - 2 |x||c| s with a measured cosine s.

    Inversion and swap tests measure s^2 and lose the sign. A constant beside every point, the `lift` in units
    of the longest one, changes no distance and keeps every s at 0 or above from 1 on, but leaves less of s to
    tell the centroids apart. Interference keeps the sign.
    """

    name: ClassVar[str] = "quantum-kmeans"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1307.0411", "arXiv:2112.08506 (amplitude embedding)")
    companions: ClassVar[tuple[str, ...]] = (
        "kmeans",
        "delta-kmeans",
        "random-embedding",
        "random-assignment",
    )
    space = COMMON | {
        "test": ("inversion", "interference", "swap"),
        "lift": (1.0, 0.0),
        "starts": (1, 3),
        "iterations": (10,),
    }
    assumes = "k-means++ starts are classical"

    def encode(self, points: Points, settings: Settings) -> Points:
        """Append the lift."""
        return lifted(points, float(settings["lift"]))

    def test(self, dimensions: int, settings: Settings) -> tests.OverlapTest:
        """Return the test of amplitudes that hold a point and its lift."""
        return overlap_distances.amplitude_test(str(settings["test"]), dimensions + (settings["lift"] > 0))

    def inputs(self, points: Points, test: tests.OverlapTest) -> Points:
        """Return amplitudes."""
        return overlap_distances.amplitude_inputs(points, test)

    def distances(
        self, test: tests.OverlapTest, overlaps: NDArray[np.float64], points: Points, centroids: Points
    ) -> Distances:
        """Return squared distances; the cosine is measured, or the root of a measured fidelity."""
        return overlap_distances.squared_distances(test, overlaps, points, centroids)

    def forecast(
        self, test: tests.OverlapTest, points: Points, labels: Labels, shots: int | None
    ) -> float | None:
        """Carry the binomial error of the cosines to the distances from the clusters' means."""
        if shots is None:
            return 1.0
        centroids = lloyd.means(points, labels, np.zeros((int(labels.max()) + 1, points.shape[1])))
        lengths = np.outer(np.linalg.norm(points, axis=1), np.linalg.norm(centroids, axis=1))
        cosines = np.divide(points @ centroids.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        variances = 4.0 * lengths**2 * cosine_variance(test.kind, cosines, shots)
        return expected_agreement(lloyd.squared_distances(points, centroids), variances)


def lifted(points: Points, lift: float) -> Points:
    """Append to every point a constant, in units of the longest point's length; none for 0."""
    if not lift:
        return points
    constant = lift * float(np.linalg.norm(points, axis=1).max(initial=0.0))
    return np.hstack([points, np.full((len(points), 1), constant)])
