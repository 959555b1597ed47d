"""Parallel quantum k-means: angle encoding, swap tests side by side in one circuit (arXiv:2112.08506)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import Points
from qwatt.stages.curation.cluster.measured import Distances, MeasuredKMeans
from qwatt.stages.curation.cluster.method import COMMON

if TYPE_CHECKING:
    from sklearn import decomposition

    from qwatt.quantum.circuits import feature_maps
    from qwatt.quantum.circuits import overlap as tests
else:
    decomposition = lazy("sklearn.decomposition")
    feature_maps, tests = lazy("qwatt.quantum.circuits.feature_maps"), lazy("qwatt.quantum.circuits.overlap")


@method
class ParallelQuantumKMeans(MeasuredKMeans):
    """One rotation a feature, and as many swap tests in a circuit as its qubits hold.

    The features are leading principal components; `range` is the angle, in units of pi, over which the
    widest of them spreads. A fidelity is the product of cos^2((x_i - c_i) / 2), for small ranges a Gaussian
    of the distance. The paper's circuits are private: this is a reconstruction from its abstract. Fewer
    circuits run, each as deep as one test, for the same gates in all.
    """

    name: ClassVar[str] = "quantum-kmeans-parallel"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2112.08506",)
    companions: ClassVar[tuple[str, ...]] = (
        "quantum-kmeans-separable",
        "quantum-kmeans",
        "kmeans",
        "random-assignment",
    )
    space = COMMON | {
        "features": (8, 4, 2),
        "range": (1.0, 0.5),
        "starts": (1, 3),
        "iterations": (10,),
        "qubits": (127,),
    }
    assumes = "k-means++ starts and principal components are classical"
    kind_of_test: ClassVar[str] = "swap"

    def encode(self, points: Points, settings: Settings) -> Points:
        """Return angles, shape (N, features)."""
        count = features(points.shape[1], settings)
        most = min(count, len(points))
        found = np.zeros((len(points), count))
        found[:, :most] = decomposition.PCA(most, random_state=0).fit_transform(points)
        width = float(np.ptp(found, axis=0).max())
        return found * (np.pi * settings["range"] / width) if width else found

    def test(self, dimensions: int, settings: Settings) -> tests.OverlapTest:
        """Return the test of two registers of one qubit a feature."""
        encoding = feature_maps.angle_map(features(dimensions, settings))
        return tests.OverlapTest(self.kind_of_test, encoding)

    def copies(self, test: tests.OverlapTest, settings: Settings) -> int:
        """Return how many tests the machine's qubits hold, at least one."""
        return max(1, int(settings["qubits"]) // test.circuit.wires)

    def distances(
        self, test: tests.OverlapTest, overlaps: NDArray[np.float64], points: Points, centroids: Points
    ) -> Distances:
        """Return 1 - F."""
        return 1.0 - overlaps


def features(dimensions: int, settings: Settings) -> int:
    """Return the number of features, no more than dimensions."""
    return min(int(settings["features"]), dimensions)
