"""Joules of watching beside those of a retraining."""

import pytest

from qwatt import catalogue
from qwatt.core.quantity import Boundary, Quantity
from qwatt.core.trial import Trial
from qwatt.data.domains import WEATHER
from qwatt.stages.monitoring.drift.decision import decision, delay_said, retraining_energy
from qwatt.stages.monitoring.drift.kernel_mmd import KernelMmd
from qwatt.stages.monitoring.drift.mean_score import MeanScore
from qwatt.stages.monitoring.drift.task import DriftTask
from qwatt.testing.trials import run_small, small_spec

OWN_KWH = {"fine_tune": 3, "answer": 0.0005}


def test_a_retraining_is_six_operations_a_parameter_and_token():
    low, value, high = retraining_energy().interval
    assert value == pytest.approx(6 * 8e9 * 1e8 * 1.8e-12) and low < value / 100 and high > 10 * value


def test_the_joules_of_a_thousand_prompts_are_those_of_the_trial():
    trial, problem, _ = run_small(MeanScore, small_spec(MeanScore, WEATHER))
    trial.host_energy = Quantity(50.0, 40.0, 60.0, boundary=Boundary.NODE)
    trial.shared_energy = Quantity(10.0, 8.0, 12.0, boundary=Boundary.NODE)
    tested = problem.window * (len(problem.test) + len(problem.validation) * max(1, len(trial.tuning)))
    found = decision(trial)
    assert found.per_thousand.value == pytest.approx(40e3 / tested + 10e3 / len(problem.ids))
    assert found.qpu_per_thousand_j is None
    assert found.prompts_per_retraining == pytest.approx(1e3 * 8.64e6 / found.per_thousand.value)
    facts = DriftTask().headline(trial, None).facts
    assert any("a retraining avoided, of 8.6 MJ" in fact for fact in facts)
    summary = DriftTask().summary(trial)
    assert summary["mean_delay_windows"].keys() == summary["power_by_strength"].keys()
    for name, power in summary["power_by_strength"].items():
        assert summary["mean_delay_windows"][name] == (1 / power if power else None)


def test_circuits_are_priced_on_the_cheapest_qpu():
    trial, problem, _ = run_small(KernelMmd, small_spec(KernelMmd, WEATHER))
    tested = problem.window * (len(problem.test) + len(problem.validation))
    cheapest = min(
        cost["energy_j"]["value"] for cost in trial.qpu.values() if cost["energy_j"]["value"] is not None
    )
    found = decision(trial)
    assert found.qpu_per_thousand_j == pytest.approx(1e3 * cheapest / tested)
    assert found.prompts_per_retraining < 1e3 and "cheapest QPU" in found.said()[0]


def test_joules_of_ones_own_take_the_place_of_the_catalogues(tmp_path):
    number = 'unit = "kWh", source = "meter", date = "2026-11", confidence = "A"'
    lines = [f"[retraining.{name}]\nenergy = {{ value = {v}, {number} }}" for name, v in OWN_KWH.items()]
    (tmp_path / "mine.toml").write_text("\n".join(lines))
    (tmp_path / "answer.toml").write_text(lines[1])
    trial, _, _ = run_small(MeanScore, small_spec(MeanScore, WEATHER))
    trial.host_energy, trial.shared_energy = Quantity(50.0, 40.0, 60.0, boundary=Boundary.NODE), None
    assert any("--catalogue" in fact for fact in DriftTask().headline(trial, None).facts)
    try:
        catalogue.add(tmp_path / "answer.toml")
        assert any("--catalogue" in fact for fact in DriftTask().headline(trial, None).facts)
        catalogue.add(tmp_path / "mine.toml")
        assert retraining_energy().interval == pytest.approx((3.6e6 * 3,) * 3)
        facts = DriftTask().headline(trial, None).facts
        assert any("a retraining avoided, of 11 MJ" in fact for fact in facts)
        assert not any("--catalogue" in fact for fact in facts)
        trial.extras = {"mean_delay_windows": {"0.5": 2.0}, "window": 50}
        assert delay_said(trial).endswith("answered for 180 kJ (180 to 180)")
    finally:
        catalogue.add(None)


def test_an_unknown_energy_is_no_decision():
    trial, _, _ = run_small(MeanScore, small_spec(MeanScore, WEATHER))
    trial.host_energy = Quantity.unknown("no meter", boundary=Boundary.NODE)
    trial.shared_energy = None
    found = decision(trial)
    assert found.said() == [] and found.to_record()["joules_per_1000_prompts"] is None
    trial.host_energy = None
    assert decision(trial) is None


def test_a_missed_drift_is_said_in_prompts():
    trial = Trial(small_spec(MeanScore), "classical", "power", "done", 0.5)
    trial.extras = {"mean_delay_windows": {"0.15": 4.0, "0.6": 1.0}, "window": 60}
    said = "drift in 15% of the texts is missed until 240 prompts have come on average, answered for "
    assert delay_said(trial) == said + "11.3 kJ (6.72 to 42.5)"
    trial.extras["mean_delay_windows"]["0.15"] = None
    assert delay_said(trial) == "drift in 15% of the texts was never noticed"
    trial.extras = {}
    assert delay_said(trial) is None
