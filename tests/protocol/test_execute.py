import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from protocol_numbers import TASK, NumberTask, Quantum, method

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Method, Ring
from qwatt.core.problem import Solution
from qwatt.core.trial import Trial, TrialSpec
from qwatt.energy.meter import Meter
from qwatt.protocol.execute import execute


def run(cls: type[Method], **changes: Any) -> tuple[Trial, Solution | None]:
    fields = {"source": "numbers", "size": "xs", "seed": 0, "backend": "engine", "shots": 10}
    spec = TrialSpec(task=TASK, method=cls.name, tuning_trials=4, **(fields | changes))
    return execute(spec, NumberTask(), cls(), NumberTask().load(spec.source, "xs", spec.seed), Meter())


def test_the_setting_that_validates_best_wins() -> None:
    trial, solution = run(method("identity", lambda x, context: x))
    assert trial.status == "done"
    assert trial.settings == {"x": 5}
    assert solution is not None
    assert trial.quality == 0.05
    assert next(entry.validation for entry in trial.tuning) == 1.0
    assert sorted(entry.settings["x"] for entry in trial.tuning) == [1, 2, 3, 5]


def test_where_less_is_better_the_least_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NumberTask, "higher_is_better", False)
    assert run(method("identity", lambda x, context: x))[0].settings == {"x": 1}


def test_a_candidate_without_a_number_never_wins() -> None:
    trial, _ = run(method("half-lost", lambda x, context: float("nan") if x != 2 else x))
    assert trial.settings == {"x": 2}
    assert [entry.validation for entry in trial.tuning].count(None) == 3


@pytest.mark.parametrize(
    "error", [ValueError("bad <luck>"), MemoryError(), RecursionError("deep"), KeyError("k")]
)
def test_an_exception_is_a_failed_trial(error: Exception) -> None:
    def fail(x: int, context: Any) -> float:
        raise error

    trial, solution = run(method("boom", fail))
    assert solution is None
    assert (trial.status, trial.quality, trial.host_energy) == ("failed", None, None)
    assert trial.error is not None
    assert trial.error.startswith(type(error).__name__)
    assert "test_execute.py" in str(trial.traceback)
    assert str(Path.home()) not in str(trial.traceback)
    assert Trial.from_record(json.loads(json.dumps(trial.to_record(), allow_nan=False))) == trial


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_passes_through(error: type[BaseException]) -> None:
    def stop(x: int, context: Any) -> float:
        raise error

    with pytest.raises(error):
        run(method("stopper", stop))


def test_an_import_that_breaks_fails_the_trial_only(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "breaks_on_import.py").write_text("raise RuntimeError('half installed')")
    monkeypatch.syspath_prepend(tmp_path)
    module = heavy_module(monkeypatch, breaks=lazy("breaks_on_import"))
    trial, _ = run(method("heavy", lambda x, context: x, __module__=module))
    assert trial.error == "RuntimeError: half installed"


def test_a_missing_import_is_left_to_the_method(monkeypatch: pytest.MonkeyPatch) -> None:
    module = heavy_module(monkeypatch, missing=lazy("no_such_module_at_all"))
    assert run(method("light", lambda x, context: x, __module__=module))[0].done


def heavy_module(monkeypatch: pytest.MonkeyPatch, **names: Any) -> str:
    """Make a module that declares these lazy modules, and return its name."""
    module = ModuleType("made_for_a_test")
    vars(module).update(names)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e200])
def test_a_score_that_is_no_number_fails_the_trial(value: float) -> None:
    trial, _ = run(method("lost", lambda x, context: value))
    assert trial.status == "failed"
    assert "closeness" in str(trial.error)


def test_notes_of_any_type_can_be_recorded() -> None:
    class Talkative(method("talkative", lambda x, context: x)):  # type: ignore[misc]
        def run(self, problem: Any, settings: Any, context: Any) -> Solution:
            notes = {
                "array": np.arange(2),
                "nan": np.float32("nan"),
                3: {2, 1},
                "object": object,
                "n": np.int64(7),
            }
            return Solution(1.0, notes=notes, counters={"calls": np.int64(4)})

    trial, _ = run(Talkative)
    record = json.loads(json.dumps(trial.to_record(), allow_nan=False))
    notes = record["notes"]
    assert (notes["array"], notes["nan"], notes["3"], notes["n"]) == ([0, 1], None, [1, 2], 7)
    assert record["counters"] == {"calls": 4}


def test_the_bill_holds_every_candidate_and_is_priced() -> None:
    trial, _ = run(Quantum)
    assert trial.demand["circuits"] == 2 * 4
    assert trial.simulation_energy is not None
    assert len(trial.qpu) >= 14
    assert all(
        set(cost) >= {"energy_j", "seconds", "usd", "fidelity", "executable", "why"}
        for cost in trial.qpu.values()
    )


def test_a_classical_method_has_no_bill_and_no_backend() -> None:
    trial, _ = run(method("identity", lambda x, context: x), backend="no-such-backend")
    assert trial.done
    assert (trial.qpu, trial.simulation_energy, trial.demand["circuits"]) == ({}, None, 0)


def test_a_backend_that_does_not_exist_fails_a_quantum_trial() -> None:
    trial, _ = run(Quantum, backend="no-such-backend")
    assert "unknown backend 'no-such-backend'" in str(trial.error)


def test_rings_hold_the_whole_energy() -> None:
    def work(x: int, context: Any) -> float:
        with context.phase(Ring.LOADING, "embed"):
            sum(i * i for i in range(20_000))
        return x

    trial, _ = run(method("worker", work))
    assert trial.host_energy is not None
    low, value, high = trial.host_energy.interval
    phases = trial.phases.values()
    assert sum(phase.energy.value for phase in phases) == pytest.approx(value, rel=1e-9)
    assert {name: phase.ring for name, phase in trial.phases.items()} == {
        "work": 1, "embed": 2, "tune": 3, "other": 3,
    }  # fmt: skip
    assert 0 < low <= value <= high
    assert sum(phase.seconds for phase in phases) == pytest.approx(trial.seconds, rel=0.05, abs=2e-3)


def test_what_was_charged_is_in_the_energy() -> None:
    from qwatt.core.quantity import Quantity
    from qwatt.core.shared import Shared

    def cached(x: int, context: Any) -> float:
        work = Shared(x, Quantity(1000.0, boundary="node"), 5.0, "measured before")
        return context.shared(Ring.LOADING, "embed", lambda: work)

    trial, _ = run(method("cached", cached))
    boundary = Meter().boundary.value
    if boundary == "node":
        assert trial.host_energy is not None and trial.host_energy.interval[1] == pytest.approx(
            1000, rel=0.01
        )
        assert trial.phases["embed"].note == "measured before"


def test_kinds_are_recorded() -> None:
    assert run(method("rest", lambda x, context: x, kind=Kind.CONTROL))[0].kind == "control"
