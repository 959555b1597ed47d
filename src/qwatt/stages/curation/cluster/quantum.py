"""Quantum k-means: amplitude encoding, and the overlap with every centroid by a test (arXiv:1307.0411)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.cluster import lloyd
from qwatt.stages.curation.cluster.agreement import cosine_variance, expected_agreement
from qwatt.stages.curation.cluster.measured import Distances, MeasuredKMeans
from qwatt.stages.curation.cluster.method import COMMON
from qwatt.stages.curation.cluster.problem import Labels, Points

if TYPE_CHECKING:
    from qwatt.quantum.circuits import feature_maps
    from qwatt.quantum.circuits import overlap as tests
else:
    feature_maps, tests = lazy("qwatt.quantum.circuits.feature_maps"), lazy("qwatt.quantum.circuits.overlap")


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
        values = dimensions + (settings["lift"] > 0)
        wires = max(1, (values - 1).bit_length())
        return tests.OverlapTest(str(settings["test"]), feature_maps.amplitude_map(wires, 2**wires))

    def inputs(self, points: Points, test: tests.OverlapTest) -> Points:
        """Return amplitudes, not normalised; a point at the origin, which has no direction, gets one."""
        found = np.zeros((len(points), test.encoding.n_inputs))
        found[:, : points.shape[1]] = points
        found[~found.any(axis=1), 0] = 1.0
        return found

    def distances(
        self, test: tests.OverlapTest, overlaps: NDArray[np.float64], points: Points, centroids: Points
    ) -> Distances:
        """Return squared distances; the cosine is measured, or the root of a measured fidelity."""
        signed = test.kind == "interference"
        cosines = overlaps if signed else np.sqrt(np.maximum(overlaps, 0.0))
        lengths, others = np.linalg.norm(points, axis=1)[:, None], np.linalg.norm(centroids, axis=1)
        return np.asarray(lengths**2 + others**2 - 2.0 * lengths * others * cosines, dtype=np.float64)

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
