"""What every method must satisfy."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from qwatt.core.demand import Demand
from qwatt.core.method import Kind
from qwatt.core.problem import Problem, Solution
from qwatt.core.registry import AnyMethod, all_methods, get_method
from qwatt.core.trial import Trial
from qwatt.protocol.plan import trial_effort
from qwatt.testing.trials import run_small, small_spec


class MethodChecks:
    """Inherit it in a pytest class and name the method.

    Class attributes:
        method: the method class under test.
        source: data for an xs problem; the task's default when None.
        tuning_trials: settings that the tuner may try in the checks.
    """

    method: ClassVar[type[AnyMethod]]
    source: ClassVar[str | None] = None
    tuning_trials: ClassVar[int] = 2

    def test_is_registered_with_kind_and_sources(self) -> None:
        """The registry returns it, and it says what it is and where it is from."""
        assert isinstance(get_method(self.method.task, self.method.name), self.method)
        assert isinstance(self.method.kind, Kind)
        assert self.method.sources, "name at least one source"
        assert self.method.__doc__, "say what it does"

    def test_companions_exist(self) -> None:
        """A quantum method names companions, and every companion is a method of the task."""
        names = {m.name for m in all_methods(self.method.task)}
        assert set(self.method.companions) <= names
        if self.method.kind is Kind.QUANTUM:
            assert self.method.companions, "a quantum method needs a control beside it"

    def test_runs_and_scores(self) -> None:
        """An xs trial finishes with a quality, known phases, and a record that survives JSON."""
        trial, _, _ = self._run()
        assert trial.quality is not None
        assert trial.host_energy is not None
        assert Trial.from_record(json.loads(json.dumps(trial.to_record()))).to_record() == trial.to_record()

    def test_same_seed_same_result(self) -> None:
        """Two trials of one specification agree in quality, settings and demand."""
        first, second = self._run()[0], self._run()[0]
        assert first.quality == second.quality
        assert first.settings == second.settings
        assert first.demand == second.demand

    def test_plan_equals_record(self) -> None:
        """The plan's demand, found without executing, is what the backend recorded."""
        trial, problem, _ = self._run()
        spec = trial.spec
        effort, _ = trial_effort(self.method(), problem, spec, trial.settings)
        planned = effort.demand
        assert _totals(planned) == _totals(Demand.from_record(trial.demand))
        if self.method.kind is Kind.QUANTUM:
            assert planned, "a quantum method has a demand"
            assert trial.simulation_energy is not None, "run circuits inside context.circuits()"

    def _run(self) -> tuple[Trial, Problem, Solution[Any]]:
        spec = small_spec(self.method, self.source, tuning_trials=self.tuning_trials)
        return run_small(self.method, spec)


def _totals(demand: Demand) -> dict[str, object]:
    record = demand.to_record()
    del record["lines"]
    return record
