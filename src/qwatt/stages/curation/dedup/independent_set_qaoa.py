"""Keep-set as a maximum-weight independent set, found by QAOA component by component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.demand import Demand
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Effort, Kind, Plan, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import DuplicateGraph
from qwatt.stages.curation.dedup.independent_set import SHINGLES, THRESHOLDS, IndependentSet
from qwatt.stages.curation.dedup.method import COMMON, Notes
from qwatt.stages.curation.dedup.peeling import cut_to_fit
from qwatt.stages.curation.dedup.planned import form_note, planned_form, planned_pieces
from qwatt.stages.curation.dedup.problem import DedupProblem

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import qaoa
else:
    torch = lazy("torch")
    qubo = lazy("qwatt.quantum.qubo")
    qaoa = lazy("qwatt.quantum.primitives.qaoa")

QUBITS = 16
"""Largest component that is sent to the QPU; larger ones are peeled first."""
_LAYERS = 10
_SHOTS = 1_000
_CALLS = 3
"""Engine calls that a piece takes on the host: its model and energy spread, the circuit, the samples."""


@method
class IndependentSetQaoa(IndependentSet):
    """Linear-ramp QAOA on every component of two or more documents; the best sample is repaired.

    A component of more than `QUBITS` documents is peeled until its pieces fit.
    """

    name: ClassVar[str] = "independent-set-qaoa"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2405.09169", "arXiv:1302.5843")
    companions: ClassVar[tuple[str, ...]] = ("independent-set-annealing", "greedy", "random-keep")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {
        "shingles": SHINGLES,
        "threshold": THRESHOLDS,
        "ramp": (3.0,),
    }
    stochastic: ClassVar[bool] = True

    def choose(
        self, problem: DedupProblem, graph: DuplicateGraph, settings: Settings, context: Context
    ) -> tuple[list[int], Notes]:
        """Return the repaired best sample of every piece, and all documents that need no circuit."""
        sampler = qubo.get_sampler("qaoa", context.backend, depth=_LAYERS, delta_gamma=settings["ramp"])
        with context.phase(Ring.KERNEL, "graph"):
            keep, pieces, peeled = cut_to_fit(graph, problem.weights, QUBITS)
        for number, (vertices, edges) in enumerate(pieces):
            weights = problem.weights[vertices]
            bqm = qubo.independent_set_bqm(weights, edges)
            with context.circuits():
                found = sampler.sample(bqm, context.shots or _SHOTS, int(context.rng.integers(2**31)))
            with context.phase(Ring.KERNEL, "solve"):
                bits = [found.first.sample[n] for n in range(len(vertices))]
                kept = qubo.repair_independent_set(bits, weights, edges)
                keep += [vertices[n] for n in np.flatnonzero(kept)]
            context.progress(number + 1, len(pieces), "circuits")
        return keep, {
            "components_on_the_qpu": len(pieces),
            "components_peeled": peeled,
            "qubit_limit": QUBITS,
        }

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Build the graph, which is classical, and add up one circuit for every piece."""
        sampler = qubo.get_sampler("qaoa", depth=_LAYERS, delta_gamma=settings["ramp"])
        kind = planned_form(problem, settings["shingles"], SHINGLES[0])
        pieces = planned_pieces(problem, kind, settings["threshold"], settings["normalise"], QUBITS)
        shapes = [qubo.BqmShape(len(vertices), len(edges)) for vertices, edges in pieces]
        demand = Demand.sum(sampler.plan(shape, shots or _SHOTS) for shape in shapes)
        flops = sum(qaoa.simulation_flops(shape.variables, shape.couplings, _LAYERS) for shape in shapes)
        note = f"one circuit for each of {len(pieces)} components of at most {QUBITS}"
        note = "; ".join(filter(None, [note, form_note(problem, SHINGLES[0])]))
        circuits = Effort(demand, {"engine_call": _CALLS * len(pieces)}, flops)
        return Plan(self.work(problem, settings) + circuits, note=note)
