"""What a study would execute, and what that would cost on every QPU; executes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from qwatt.api.asked import Chosen, Target, asked_study
from qwatt.api.result import Result, Row
from qwatt.core.headline import counted

if TYPE_CHECKING:
    from qwatt.protocol.plan import PlanRow
    from qwatt.report.qpu_choice import QpuChoice


@dataclass(frozen=True, repr=False)
class StudyPlan(Result):
    """The plan of a study.

    Args:
        methods: one entry a method: demand, host work, modelled cost by QPU.
        choice: which QPUs are shown, in which order.
    """

    methods: Sequence[PlanRow]
    choice: QpuChoice

    @property
    def title(self) -> str:
        """Return how many methods and trials are planned."""
        trials = sum(row.seeds for row in self.methods)
        return f"plan of {counted(len(self.methods), 'method')}, {counted(trials, 'trial')}"

    def rows(self) -> Sequence[Row]:
        """Return a row a method and QPU, of one trial; a method without circuits has one row."""
        return [line for row in self.methods for line in self._lines(row)]

    def _lines(self, row: PlanRow) -> list[Row]:
        host = row.host_energy.to("J")
        demand = row.demand.to_record()
        method = {
            "task": row.task, "method": row.method, "kind": row.kind, "shots": row.shots, "seeds": row.seeds,
            "host_j": host.value, "host_low_j": host.low, "host_high_j": host.high,
            "host_basis": host.basis.value, "circuits": demand["circuits"], "qubits": demand["qubits"],
            "anneal_reads": demand["anneal_reads"],
        }  # fmt: skip
        costs: list[tuple[str | None, Any]] = [*self.choice.of(row.qpu).items()] or [(None, {})]
        return [method | _cost(qpu, cost) | {"note": row.note} for qpu, cost in costs]

    def to_dict(self) -> list[dict[str, Any]]:
        """Return what `qwatt plan --json` prints."""
        return [row.to_record() | {"qpu": self.choice.of(row.qpu)} for row in self.methods]


def _cost(qpu: str | None, cost: Mapping[str, Any]) -> dict[str, Any]:
    from qwatt.report.qpu_choice import number

    amounts = {
        f"qpu_{name.removeprefix('energy_')}": number(cost.get(name))
        for name in ("energy_j", "seconds", "usd")
    }
    return {"qpu": qpu, **amounts, "executable": cost.get("executable"), "why_not": cost.get("why")}


def plan(
    target: Target,
    *,
    data: str | PathLike[str] | None = None,
    train: str | None = None,
    model: str | PathLike[str] | None = None,
    methods: str | Sequence[str] | None = None,
    seeds: int | None = None,
    size: str | None = None,
    backend: str | None = None,
    shots: int | None = None,
    tuning_trials: int | None = None,
    settings: Chosen | None = None,
    qpus: Sequence[str] | None = None,
    sort: str = "energy",
) -> StudyPlan:
    """Plan a study, a stage or a task, as `qwatt plan` does: circuits, QPU seconds, joules, money.

    Args:
        target, data, train, model, methods, seeds, size, backend, shots, tuning_trials, settings: as `run`'s.
        qpus: only these; else all that are catalogued.
        sort: "energy", "usd" or "time"; those that can run the work come first.

    Raises:
        QwattError: something that you can mend; it says what, where and how.
    """
    from qwatt.protocol.check import check_trials
    from qwatt.protocol.plan import plan_study
    from qwatt.report.qpu_choice import chosen
    from qwatt.report.scenario import scenario_of

    options = {
        "data": data, "train": train, "model": model, "methods": methods, "seeds": seeds, "size": size,
        "backend": backend, "shots": shots, "tuning_trials": tuning_trials, "settings": settings,
    }  # fmt: skip
    choice = chosen(qpus, not qpus, sort)
    study, _, _ = asked_study(target, options)
    scenario_of(study)  # a plan refuses what a run refuses
    specs = study.trials()
    check_trials(specs, specs)
    return StudyPlan(plan_study(study), choice)
