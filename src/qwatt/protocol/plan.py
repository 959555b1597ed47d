"""Plan a study: the demand of every method and its modelled cost on every QPU; executes no circuit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort, Plan
from qwatt.core.errors import QwattError
from qwatt.core.fixed import blamed
from qwatt.core.method import Settings
from qwatt.core.problem import Problem
from qwatt.core.quantity import Quantity
from qwatt.core.registry import AnyMethod, get_method, get_task
from qwatt.core.study import Study
from qwatt.core.trial import TrialSpec
from qwatt.protocol.check import load_problem
from qwatt.protocol.merged_notes import merged_notes
from qwatt.protocol.pricing import price_everywhere
from qwatt.protocol.tuner import candidates


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
        work: the host's own work of one trial by kind, or None when the method cannot say.
        simulation_flops: operations of simulating the demand on this host.
        host_energy: modelled from both, or unknown with the reason.
        qpu: modelled cost of one trial by QPU id.
        note: what the plan assumes.
    """

    task: str
    method: str
    kind: str
    shots: int | None
    seeds: int
    demand: Demand
    work: dict[str, float] | None
    simulation_flops: float
    host_energy: Quantity
    qpu: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def to_record(self) -> dict[str, Any]:
        """Return the row as JSON."""
        record = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return record | {"demand": self.demand.to_record(), "host_energy": self.host_energy.to_record()}


def plan_study(study: Study) -> list[PlanRow]:
    """Plan every method of a study on the first seed's problem.

    Raises:
        QwattError: data cannot be loaded.
    """
    rows = []
    groups: dict[tuple[object, ...], list[TrialSpec]] = {}
    specs = study.trials()
    most = Counter(_group(spec) for spec in study.possible_trials())
    origins = {spec.task: spec.source for spec in reversed(specs)}
    for spec in specs:
        groups.setdefault(_group(spec), []).append(spec)
    problems: dict[tuple[str, str, str, int], Problem] = {}
    for key, group in groups.items():
        spec = group[0]
        source = _origin(spec.source, origins)
        if spec.problem_key not in problems:
            with _standing_in(spec, source):
                problems[spec.problem_key] = load_problem(get_task(spec.task), spec, source)
        row = _row(group, problems[spec.problem_key])
        if source != spec.source:
            row.note = "; ".join(filter(None, [row.note, f"planned on {source}, before {spec.source[1:]}"]))
        if scoring := get_task(spec.task).scoring(spec.size):
            row.note = "; ".join(filter(None, [row.note, scoring]))
        if most[key] > len(group):
            row.note = "; ".join(filter(None, [row.note, f"up to {most[key]} seeds where undecided"]))
        rows.append(row)
    return rows


_TRIAL = Effort(work={"trial": 1.0})
"""What a trial takes beside its method."""


def _group(spec: TrialSpec) -> tuple[object, ...]:
    return spec.task, spec.source, spec.size, spec.method, spec.shots, spec.fixed


def _origin(source: str, origins: dict[str, str]) -> str:
    """Return what an artifact of an earlier task is made from, as it does not exist before the run."""
    while source.startswith("@"):
        source = origins[source[1:]]
    return source


@contextmanager
def _standing_in(spec: TrialSpec, source: str) -> Iterator[None]:
    """Say in an error on a source that it stands in for an artifact that no run has made yet."""
    try:
        yield
    except QwattError as error:
        if source == spec.source:
            raise
        what = (
            f"{spec.source} does not exist before the run, and {source} cannot stand in for it: {error.what}"
        )
        mend = "leave the task out of the plan; `qwatt run` takes the artifact itself"
        raise QwattError(what, where=spec.task, mend=mend) from error


def trial_effort(
    method: AnyMethod, problem: Problem, spec: TrialSpec, winner: Settings | None = None
) -> tuple[Effort, str]:
    """Return what one whole trial takes, and what that assumes.

    Args:
        method: whose trial.
        problem: what it is run on.
        spec: the trial; all its tuning candidates are run.
        winner: settings that are applied; None, before the run, counts the candidate that asks for most.
    """
    choices = candidates(method, spec.tuning_trials, spec.sequence(), spec.fixed)
    with blamed(method, spec.fixed):
        plans: list[Plan] = [method.plan(problem, settings, spec.shots) for settings in choices]
    once = max((plan.once for plan in plans), key=_size, default=Effort())
    if winner is not None:
        applied = method.plan(problem, winner, spec.shots).apply
    else:
        applied = max((plan.apply for plan in plans), key=_size, default=Effort())
    note = merged_notes(plan.note for plan in plans)
    return Effort.sum([_TRIAL, once, *(plan.run for plan in plans), applied]), note


def _size(effort: Effort) -> tuple[int, float]:
    return effort.demand.gates_2q, sum((effort.work or {}).values()) + effort.simulation_flops


def _row(specs: list[TrialSpec], problem: Problem) -> PlanRow:
    spec = specs[0]
    method = get_method(spec.task, spec.method)
    effort, note = trial_effort(method, problem, spec)
    return PlanRow(
        spec.task,
        spec.method,
        method.kind.value,
        spec.shots,
        len(specs),
        effort.demand,
        None if effort.work is None else dict(effort.work),
        effort.simulation_flops,
        _host_energy(effort),
        price_everywhere(effort.demand),
        note,
    )


def _host_energy(effort: Effort) -> Quantity:
    """Model the host's joules from its work and what it simulates, by the catalogue's core-seconds a unit."""
    if effort.work is None:
        return Quantity.unknown("the method states no work; `qwatt run` measures it")
    from qwatt.energy.host_work import host_energy

    simulated = Effort(work={"statevector_flop": effort.simulation_flops})
    return host_energy((effort + simulated).work or {})
