"""Minimum finding by Duerr and Hoyer (arXiv:quant-ph/9607014) over a table of trainings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort, Plan
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.quantum.primitives import expectation, grover
from qwatt.stages.architecture.search.method import trainings_effort
from qwatt.stages.architecture.search.problem import SearchAnswer, SearchProblem
from qwatt.stages.architecture.search.trainings.table import Tabular
from qwatt.stages.architecture.search.whole import UNLIMITED, WholeTable, items

if TYPE_CHECKING:
    from qwatt.quantum.algorithms import minimum_finding
    from qwatt.quantum.circuits import grover as circuits
else:
    minimum_finding = lazy("qwatt.quantum.algorithms.minimum_finding")
    circuits = lazy("qwatt.quantum.circuits.grover")


@method
class GroverMinimum(WholeTable):
    """Searches for anything below the best so far, until 22.5 sqrt(N) + 1.4 log2(N)^2 calls are spent.

    What is executed, and billed, is a search of a *table*: all N trainings are made first, the oracle is a
    diagonal of their order, and measurements are drawn from the circuit's closed form. `oracle_calls`, which
    only the projection uses, are those of an oracle that trains coherently: each is one reversible training,
    whose bill the scaling card holds, and up to N = 738 their bound is more than N.
    """

    name: ClassVar[str] = "grover-minimum"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:quant-ph/9607014", "arXiv:quant-ph/9605034")
    companions: ClassVar[tuple[str, ...]] = ("exhaustive", "random")
    space: ClassVar[Mapping[str, Sequence[Any]]] = UNLIMITED

    def run(self, problem: SearchProblem, settings: Settings, context: Context) -> Solution[SearchAnswer]:
        """Make the table, then search it; the best point is the one that was measured, not the table's."""
        search = self.search(problem, settings, context)
        points, losses = self.losses(search, context)
        with context.circuits():
            found, demand = searched(losses, problem.seed)
            context.backend.recorder.add(demand)
        solution = self.solution(search)
        point = int(points[found.index])
        outcome = search.outcomes[point, search.objective.full]
        if outcome.loss is not None:
            solution.answer = replace(
                solution.answer,
                point=point,
                settings=problem.space.settings(point),
                loss=outcome.loss,
                held_back=outcome.held_back,
            )
        solution.counters |= found.counters
        solution.projected |= found.projected
        solution.notes |= {"items": len(losses), "call_budget": minimum_finding.call_budget(len(losses))}
        return solution

    def plan(self, problem: SearchProblem, settings: Settings, shots: int | None) -> Plan:
        """Search the table's order, which no training is needed to look up; of a live space a random one."""
        objective = problem.objective
        if isinstance(objective, Tabular):
            losses, note = self.known(objective, problem, settings), "the oracle is a table"
        else:
            losses, note = (
                np.random.default_rng(problem.seed).random(items(problem)),
                "planned on a random order",
            )
        found, demand = searched(losses, problem.seed)
        flops = sum(grover.simulation_flops(2 ** register(len(losses)), k) for k in found.iterations)
        count = f"{len(losses)} trainings; {note}; {objective.cost_note}"
        return Plan(Effort(demand, {}, flops), once=trainings_effort(problem, len(losses)), note=count)

    def known(self, objective: Tabular, problem: SearchProblem, settings: Settings) -> NDArray[np.float64]:
        """Return the table's values in the order of the points."""
        table = objective.table
        joules = table.energy_j[:, objective.full, 1]
        return np.asarray(table.losses[:, objective.full] + float(settings["weight"]) * joules)


def searched(losses: NDArray[np.float64], seed: int) -> tuple[minimum_finding.Minimum, Demand]:
    """Return the minimum that is found, and the bill of its circuits, each run once.

    Args:
        losses: shape (N,); the first are repeated to fill the register, whose size is a power of two.
        seed: of the measurements: a search of the same order is always the same.
    """
    wires = register(len(losses))
    found = minimum_finding.find_minimum(
        np.resize(losses, 2**wires),
        np.random.default_rng([seed, 13]),
        budget=minimum_finding.call_budget(len(losses)),
    )
    found.index, found.loss_evaluations = found.index % len(losses), len(losses)
    lines = [expectation.demand(circuits.diagonal_grover(wires, k), 1, 1, "sample") for k in found.iterations]
    return found, Demand.sum(lines)


def register(count: int) -> int:
    """Return the qubits that number so many items."""
    return max(2, math.ceil(math.log2(count)))
