"""Semantic deduplication in clusters of quantum k-means, whose distances are measured (arXiv:1307.0411)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Plan, Ring, Settings
from qwatt.core.registry import method
from qwatt.language import get_encoder
from qwatt.quantum.algorithms import lloyd, overlap_distances
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import kernel, overlaps
from qwatt.stages.curation.dedup.problem import DedupProblem
from qwatt.stages.curation.dedup.semantic import ITERATIONS, Semantic, cluster_count, distinct

if TYPE_CHECKING:
    from qwatt.quantum.circuits.overlap import OverlapTest
else:
    _torch, _tests = lazy("torch"), lazy("qwatt.quantum.circuits.overlap")


@method
class SemanticQuantum(Semantic):
    """The cosine of every document with every centroid is measured by an inversion test, in each iteration.

    Only the clusters are the circuits' work; near duplicates in them are found by exact cosines as in
    `semantic`, which is this method without a QPU. A cosine below 0 is measured as above 0.
    """

    name: ClassVar[str] = "semantic-quantum"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2303.09540", "arXiv:1307.0411")
    companions: ClassVar[tuple[str, ...]] = ("semantic", "embedding", "random-keep")
    space: ClassVar[Mapping[str, Sequence[Any]]] = Semantic.space

    def clusters(
        self, points: lloyd.Points, clusters: int, context: Context
    ) -> tuple[lloyd.Labels, lloyd.Points]:
        """Return the cluster of each point by measured distances, and the means."""
        with context.phase(Ring.LOADING, "starts"):
            starts = lloyd.starts(points, clusters, context.rng)
        test, backend = _test(points.shape[1]), circuit_backend(context)

        def assign(points: lloyd.Points, centroids: lloyd.Points) -> lloyd.Labels:
            x, y = (overlap_distances.amplitude_inputs(these, test) for these in (points, centroids))
            with context.circuits():
                found: Any = backend.overlaps(test, x, y, context.shots, context.rng)
            measured = np.asarray(found, dtype=np.float64)
            distances = overlap_distances.squared_distances(test, measured, points, centroids)
            return np.asarray(distances.argmin(axis=1), dtype=np.int64)

        with context.phase(Ring.KERNEL, "cluster"):
            return lloyd.iterate(points, starts, assign, ITERATIONS)

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Bill a test for each document that is embedded, each centroid and iteration."""
        host = super().plan(problem, settings, shots)
        long = _embedded(problem, settings)
        clusters, test = cluster_count(long, settings), _test(get_encoder(problem.encoder).dimensions)
        pairs = long * clusters
        demand = overlaps.tests_demand(test.kind, test.encoding, pairs, shots).times(ITERATIONS)
        flops = kernel.simulation_flops(test.encoding, long, clusters) * ITERATIONS
        circuits = Effort(demand, {"engine_call": float(ITERATIONS)}, flops)
        return Plan(host.run + circuits, once=host.once)


_planned: WeakKeyDictionary[DedupProblem, dict[str, int]] = WeakKeyDictionary()


def _embedded(problem: DedupProblem, settings: Settings) -> int:
    """Return the number of documents that are embedded, remembered: for plans, which are not measured."""
    known = _planned.setdefault(problem, {})
    kind = settings["normalise"]
    if kind not in known:
        known[kind] = len(distinct(problem, settings)[2])
    return known[kind]


def _test(dimensions: int) -> OverlapTest:
    return overlap_distances.amplitude_test("inversion", dimensions)
