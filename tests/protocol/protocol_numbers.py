"""A task of numbers, with methods that behave and misbehave, registered for one test at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qwatt.core import registry
from qwatt.core.demand import CircuitLine, Demand
from qwatt.core.errors import QwattError
from qwatt.core.method import Effort, Kind, Method, Plan, Ring
from qwatt.core.problem import Problem, Quality, Solution
from qwatt.core.run_folder import RunFolder
from qwatt.core.study import Study
from qwatt.core.study_file import check_study
from qwatt.core.task import Task

TASK = "monitoring/numbers"
LATER = "monitoring/later"


@dataclass(frozen=True)
class NumberProblem(Problem):
    number: int = 0


class NumberTask(Task):
    name = TASK
    functional_unit = "Return one number."
    metric = "closeness"
    margin = 0.1
    sizes = {"xs": {}, "s": {}, "m": {}}
    default_source = "numbers"
    loads: list[tuple[str, int]] = []

    def load(self, source: str, size: str, seed: int) -> NumberProblem:
        type(self).loads.append((source, seed))
        if source == "broken":
            raise ZeroDivisionError("no numbers here")
        if source == "nowhere":
            raise QwattError("no such numbers", mend="use numbers")
        return NumberProblem(self.name, source, size, seed, 10 + seed)

    def validate(self, problem: Problem, solution: Solution) -> Quality:
        return Quality(float(solution.answer))

    def score(self, problem: Problem, solution: Solution) -> Quality:
        return Quality(float(solution.answer) / 100, {"size": problem.size})

    def export(self, problem: Problem, solution: Solution, folder: Path) -> list[Path]:
        file = folder / "number.txt"
        file.write_text(str(solution.answer))
        return [file]


class LaterTask(NumberTask):
    name = LATER


class NumberMethod(Method):
    task = TASK
    kind = Kind.CLASSICAL
    sources = ("made for a test",)
    space = {"x": (1, 5, 3, 2)}

    def run(self, problem: Problem, settings: Any, context: Any) -> Solution:
        with context.phase(Ring.KERNEL, "work"):
            return Solution(self.answer(settings["x"], context))

    def answer(self, x: int, context: Any) -> float:
        return x


def method(name: str, answer: Callable[..., Any], **attributes: Any) -> type[Method]:
    """Return a method class that answers with a function of (x, context)."""
    body = {"name": name, "answer": lambda self, x, context: answer(x, context)} | attributes
    return type(f"Made{name.title()}", (NumberMethod,), body)


class Quantum(NumberMethod):
    """Charges two circuits a setting without having any."""

    name = "pretend-quantum"
    kind = Kind.QUANTUM
    companions = ("identity",)
    line = CircuitLine(2, 10, 3, 4, 5, 6, 3)

    def answer(self, x: int, context: Any) -> float:
        with context.circuits():
            context.backend.recorder.add(Demand.of(self.line))
        return x

    def plan(self, problem: Problem, settings: Any, shots: int | None) -> Plan:
        return Plan(Effort(Demand.of(self.line)))


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Register further methods of the task for this test."""

    def add(*classes: type[Method]) -> None:
        for cls in classes:
            monkeypatch.setitem(registry._methods, (cls.task, cls.name), cls)

    registry.all_tasks()
    for task in (NumberTask, LaterTask):
        monkeypatch.setitem(registry._tasks, task.name, task)
    monkeypatch.setattr(NumberTask, "loads", [])
    add(method("identity", lambda x, context: x), Quantum)
    return add


def study(**changes: Any) -> Study:
    """Return a checked study of the number task."""
    task = {"task": TASK, "methods": ["identity"]} | changes.pop("task", {})
    tasks = changes.pop("tasks", [task])
    return check_study({"seeds": 2, "size": "xs", "tuning_trials": 3, "tasks": tasks} | changes, "the test")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def quiet(event: str, spec: Any, trial: Any) -> None:
    """Listen to nothing."""
