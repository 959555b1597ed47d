"""Plan a study: the demand of every method and its modelled cost on every QPU; executes no circuit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from qwatt.core.demand import Demand
from qwatt.core.method import Method, Plan
from qwatt.core.problem import Problem
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.core.registry import get_method, get_task
from qwatt.core.study import Study
from qwatt.core.trial import TrialSpec
from qwatt.protocol.pricing import price_everywhere
from qwatt.protocol.tuning import candidates


@dataclass
class PlanRow:
    """What one trial of a method would execute, tuning included.

    Args:
        task: the task's name.
        method: the method's name.
        kind: its kind.
        shots: shots per circuit; None for exact expectation values, billed at the backend's shots.
        seeds: trials of the study (each costs the same).
        demand: the QPU's bill of one trial.
        flops: classical floating-point operations of one trial, or None.
        host_energy: modelled from `flops`, or unknown with the reason.
        qpu: modelled cost of one trial by QPU id.
        note: what the plan assumes.
    """

    task: str
    method: str
    kind: str
    shots: int | None
    seeds: int
    demand: Demand
    flops: float | None
    host_energy: Quantity
    qpu: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def to_record(self) -> dict[str, Any]:
        """Return the row as JSON."""
        record = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return record | {"demand": self.demand.to_record(), "host_energy": self.host_energy.to_record()}


def plan_study(study: Study) -> list[PlanRow]:
    """Plan every method of a study on the first seed's problem."""
    rows = []
    groups: dict[tuple[str, str, str, str, int | None], list[TrialSpec]] = {}
    specs = study.trials()
    origins = {spec.task: spec.source for spec in reversed(specs)}
    for spec in specs:
        groups.setdefault((spec.task, spec.source, spec.size, spec.method, spec.shots), []).append(spec)
    problems: dict[tuple[str, str, str, int], Problem] = {}
    for group in groups.values():
        spec = group[0]
        source = _origin(spec.source, origins)
        if spec.problem_key not in problems:
            problems[spec.problem_key] = get_task(spec.task).load(source, spec.size, spec.seed)
        row = _row(group, problems[spec.problem_key])
        if source != spec.source:
            row.note = "; ".join(filter(None, [row.note, f"planned on {source}, before {spec.source[1:]}"]))
        rows.append(row)
    return rows


def _origin(source: str, origins: dict[str, str]) -> str:
    """Return what an artifact of an earlier task is made from, as it does not exist before the run."""
    while source.startswith("@"):
        source = origins[source[1:]]
    return source


def trial_plan(method: Method, problem: Problem, spec: TrialSpec) -> Plan:
    """Return the plan of one whole trial: every tuning candidate, then applying one of the widest demand."""
    choices = candidates(method, spec.tuning_trials, spec.sequence())
    plans = [method.plan(problem, settings, spec.shots) for settings in choices]
    flops = [plan.flops for plan in plans]
    known = [f for f in flops if f is not None]
    return Plan(
        Demand.sum(plan.demand for plan in plans),
        max((plan.apply_demand for plan in plans), key=lambda demand: demand.gates_2q, default=Demand()),
        sum(known) if len(known) == len(flops) else None,
        max((plan.once_flops for plan in plans), default=0.0),
        "; ".join(dict.fromkeys(plan.note for plan in plans if plan.note)),
    )


def _row(specs: list[TrialSpec], problem: Problem) -> PlanRow:
    spec = specs[0]
    method = get_method(spec.task, spec.method)
    plan = trial_plan(method, problem, spec)
    demand = plan.demand + plan.apply_demand
    flops = None if plan.flops is None else plan.flops + plan.once_flops
    return PlanRow(
        spec.task,
        spec.method,
        method.kind.value,
        spec.shots,
        len(specs),
        demand,
        flops,
        _host_energy(flops),
        price_everywhere(demand),
        plan.note,
    )


def _host_energy(flops: float | None) -> Quantity:
    """Model the host's joules from its operations and the catalogue's joules per operation of a CPU."""
    if flops is None:
        return Quantity.unknown("the method states no operation count; `qwatt run` measures it")
    from qwatt.catalogue import load, quantity

    per_operation = quantity(load("host_power")["work"]["j_per_operation"], boundary=Boundary.NODE)
    return per_operation.scaled(flops, basis=Basis.MODELLED)
