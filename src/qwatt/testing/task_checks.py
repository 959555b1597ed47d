"""What every task must satisfy."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Kind
from qwatt.core.registry import AnyTask, all_methods, get_task
from qwatt.core.task import STAGES


class TaskChecks:
    """Inherit it in a pytest class and name the task.

    Class attributes:
        task: the task class under test.
        source: data for an xs problem; the task's default when None.
    """

    task: ClassVar[type[AnyTask]]
    source: ClassVar[str | None] = None

    def test_says_what_it_is(self) -> None:
        """Name, functional unit, metric, margin and the ladder are there."""
        assert self.task.name.split("/")[0] in STAGES
        assert self.task.functional_unit.endswith("."), "one sentence"
        assert self.task.metric
        assert self.task.margin >= 0
        assert {"xs", "s", "m"} <= set(self.task.sizes)
        assert isinstance(get_task(self.task.name), self.task)

    def test_has_a_classical_method(self) -> None:
        """Something classical sets the reference."""
        assert any(m.kind is Kind.CLASSICAL for m in all_methods(self.task.name))

    def test_says_what_its_solutions_change_downstream(self) -> None:
        """The effect of no trial is unknown, with a reason."""
        effect = self.task().effect([], {})
        assert not effect.known
        assert effect.reason

    def test_same_seed_same_problem(self) -> None:
        """Loading twice gives the same problem, another seed another one."""
        task = self.task()
        source = self.source or task.default_source
        first, second = task.load(source, "xs", 0), task.load(source, "xs", 0)
        assert (first.task, first.size, first.seed) == (self.task.name, "xs", 0)
        assert self.fingerprint(first) == self.fingerprint(second)
        assert self.fingerprint(first) != self.fingerprint(task.load(source, "xs", 1))

    def fingerprint(self, problem: object) -> str:
        """Return a text that differs between problems; override it for data that does not print whole."""
        import pickle

        fields = {k: v for k, v in vars(problem).items() if "energy" not in k and "seconds" not in k}
        return repr(pickle.dumps(fields))
