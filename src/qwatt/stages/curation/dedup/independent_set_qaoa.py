"""Keep-set as a maximum-weight independent set, found by QAOA component by component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.demand import Demand
from qwatt.core.method import Context, Effort, Kind, Plan, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import DuplicateGraph, connected_components, minhash_graph
from qwatt.stages.curation.dedup.independent_set import SHINGLES, THRESHOLDS, IndependentSet
from qwatt.stages.curation.dedup.peeling import peel
from qwatt.stages.curation.dedup.problem import DedupProblem
from qwatt.stages.curation.dedup.work import hashing_operations

QUBITS = 16
"""Largest component that is sent to the QPU; larger ones are peeled first."""
_LAYERS = 10
_SHOTS = 1_000


@method
class IndependentSetQaoa(IndependentSet):
    """Linear-ramp QAOA on every component of two or more documents; the best sample is repaired.

    A component of more than `QUBITS` documents is peeled by `peeling.peel` until its pieces fit.
    """

    name: ClassVar[str] = "independent-set-qaoa"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2405.09169", "arXiv:1302.5843")
    companions: ClassVar[tuple[str, ...]] = ("independent-set-annealing", "greedy", "random-keep")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"threshold": THRESHOLDS, "ramp": (3.0, 1.0, 0.6)}
    stochastic: ClassVar[bool] = True

    def choose(
        self, problem: DedupProblem, graph: DuplicateGraph, settings: Settings, context: Context
    ) -> tuple[list[int], dict[str, Any]]:
        """Return the repaired best sample of every piece, and all documents that need no circuit."""
        from qwatt.quantum.qubo import get_sampler, independent_set_bqm, repair_independent_set

        sampler = get_sampler("qaoa", context.backend, depth=_LAYERS, delta_gamma=settings["ramp"])
        with context.phase(Ring.KERNEL, "graph"):
            keep, pieces, peeled = cut_to_fit(graph, problem.weights)
        for vertices, edges in pieces:
            bqm = independent_set_bqm(problem.weights[vertices], edges)
            with context.circuits():
                found = sampler.sample(bqm, context.shots or _SHOTS, int(context.rng.integers(2**31)))
            with context.phase(Ring.KERNEL, "solve"):
                best = found.first.sample
                bits = [best[n] for n in range(len(vertices))]
                kept = repair_independent_set(bits, problem.weights[vertices], edges)
                keep += [vertices[n] for n in np.flatnonzero(kept)]
        notes = {"components_on_the_qpu": len(pieces), "components_peeled": peeled, "qubit_limit": QUBITS}
        return keep, notes

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Build the graph, which is classical, and add up one circuit for every piece."""
        from qwatt.quantum.primitives.qaoa import simulation_flops
        from qwatt.quantum.qubo import BqmShape, get_sampler

        sampler = get_sampler("qaoa", depth=_LAYERS, delta_gamma=settings["ramp"])
        graph = minhash_graph(problem, SHINGLES, settings["threshold"], None)
        _, pieces, _ = cut_to_fit(graph, problem.weights)
        shapes = [BqmShape(len(vertices), len(edges)) for vertices, edges in pieces]
        demand = Demand.sum(sampler.plan(shape, shots or _SHOTS) for shape in shapes)
        flops = sum(simulation_flops(shape.variables, shape.couplings, _LAYERS) for shape in shapes)
        note = f"one circuit for each of {len(pieces)} components of at most {QUBITS}"
        work = {"gemm_flop": hashing_operations(problem)}
        return Plan(Effort(demand, work, flops), note=note)


def cut_to_fit(
    graph: DuplicateGraph, weights: NDArray[np.float64]
) -> tuple[list[int], list[tuple[list[int], NDArray[np.int64]]], int]:
    """Return (vertices kept without a circuit, pieces with their edges, number of peeled components).

    A piece's edges are numbered by position within it, shape (m, 2).
    """
    keep: list[int] = []
    pieces = []
    peeled = 0
    inside: dict[int, list[tuple[int, int]]] = {}
    groups = connected_components(graph.vertices, graph.edges)
    member = {v: n for n, group in enumerate(groups) for v in group}
    for i, j in graph.edges:
        inside.setdefault(member[i], []).append((i, j))
    for number, group in enumerate(groups):
        edges = inside.get(number, [])
        kept, parts = peel(group, edges, weights, QUBITS)
        keep += kept
        peeled += bool(kept)
        for part in parts:
            if len(part) == 1:
                keep += part
                continue
            place = {v: n for n, v in enumerate(part)}
            own = [(place[i], place[j]) for i, j in edges if i in place and j in place]
            pieces.append((part, np.array(own, dtype=np.int64)))
    return keep, pieces, peeled
