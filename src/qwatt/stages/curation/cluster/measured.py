"""Base of the k-means whose distances come from overlap tests: encode, measure, assign, average."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.quantum.algorithms import lloyd
from qwatt.quantum.algorithms.lloyd import Labels, Points
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import kernel, overlaps
from qwatt.stages.curation.cluster.method import ClusterMethod

if TYPE_CHECKING:
    from qwatt.quantum.circuits.overlap import OverlapTest
else:
    _torch, _engine = lazy("torch"), lazy("qwatt.quantum.engine")
    _tests = lazy("qwatt.quantum.circuits.overlap")

Distances = NDArray[np.float64]
"""Shape (points, centroids); only their order within a row counts."""


class MeasuredKMeans(ClusterMethod):
    """Lloyd's iteration with measured distances: one overlap test for every point and centroid, every time.

    The number of iterations is fixed, so that the bill is known beforehand. k-means++ starts and means are
    classical, and so is the choice among several starts, by the inertia of their partitions.
    """

    @abstractmethod
    def encode(self, points: Points, settings: Settings) -> Points:
        """Return the points as they are clustered; an affine map, so that means stay means."""

    @abstractmethod
    def test(self, dimensions: int, settings: Settings) -> OverlapTest:
        """Return the overlap test for points of so many dimensions before `encode`."""

    @abstractmethod
    def distances(
        self, test: OverlapTest, overlaps: NDArray[np.float64], points: Points, centroids: Points
    ) -> Distances:
        """Return distances of encoded points from what the tests estimated, both of shape (N, k)."""

    def inputs(self, points: Points, test: OverlapTest) -> Points:
        """Return what the test's encoding takes for encoded points."""
        return points

    def copies(self, test: OverlapTest, settings: Settings) -> int:
        """Return how many tests share a circuit."""
        return 1

    def choose(self, distances: Distances, context: Context, tally: dict[str, float]) -> Labels:
        """Return the centroid of least distance for each point."""
        return np.asarray(distances.argmin(axis=1), dtype=np.int64)

    def forecast(self, test: OverlapTest, points: Points, labels: Labels, shots: int | None) -> float | None:
        """Return the share of labels that so many shots leave right, before any noise; None if not known."""
        return None

    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Return the partition of least inertia of all starts."""
        with context.phase(Ring.LOADING, "encode"):
            encoded, test = self.encode(points, settings), self.test(points.shape[1], settings)
        tally: dict[str, float] = {}
        found: list[Labels] = []
        for _ in range(int(settings["starts"])):
            with context.phase(Ring.KERNEL, "cluster"):
                centroids = lloyd.starts(encoded, clusters, context.rng)
                assign = self.assignment(test, settings, context, tally)
                found.append(lloyd.iterate(encoded, centroids, assign, int(settings["iterations"]))[0])
        with context.phase(Ring.OUTER, "choose"):
            best = min(found, key=lambda labels: lloyd.inertia(encoded, labels))
            share = self.forecast(test, encoded, best, context.shots)
        notes: dict[str, Any] = {"overlap_test": test.kind, "encoding": test.encoding.name}
        notes |= {"test_qubits": test.circuit.wires, "labels_right_by_shots": share}
        return Solution(best, projected=tally, notes=notes)

    def assignment(
        self, test: OverlapTest, settings: Settings, context: Context, tally: dict[str, float]
    ) -> lloyd.Assign:
        """Return the step that measures and assigns; it adds to the tally what only a projection may use."""
        backend, copies = circuit_backend(context), self.copies(test, settings)

        def assign(points: Points, centroids: Points) -> Labels:
            x, y = self.inputs(points, test), self.inputs(centroids, test)
            with context.circuits():
                found: Any = backend.overlaps(test, x, y, context.shots, context.rng, copies=copies)
            measured = np.asarray(found, dtype=np.float64)
            return self.choose(self.distances(test, measured, points, centroids), context, tally)

        return assign

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Bill a test for every point and centroid, in every iteration of every start."""
        test = self.test(shape[1], settings)
        pairs, sweeps = shape[0] * clusters, settings["starts"] * settings["iterations"]
        copies = self.copies(test, settings)
        demand = overlaps.tests_demand(test.kind, test.encoding, pairs, shots, copies).times(sweeps)
        flops = kernel.simulation_flops(test.encoding, shape[0], clusters) * sweeps
        started = 3.0 * pairs * shape[1] * settings["starts"]
        work = {"gemm_flop": started + 2.0 * shape[0] * shape[1] * sweeps, "engine_call": float(sweeps)}
        return Effort(demand, work, flops)
