import datetime
import json

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.core.task import STAGES
from qwatt.core.trial import Trial, TrialSpec
from qwatt.projection.project import project, settings_of
from qwatt.projection.scenario.file import all_scenarios, changed, load_scenario
from qwatt.projection.verdicts.rules import WORDS

SCENARIO = load_scenario("llama-3.1-8b-chat")


@pytest.fixture(scope="module")
def record():
    return project(SCENARIO, draws=500).to_record()


def test_the_record_is_plain_json_without_nan(record):
    assert json.loads(json.dumps(record, allow_nan=False))["scenario"] == "llama-3.1-8b-chat"


def test_all_stages_are_there(record):
    assert [stage["stage"] for stage in record["stages"]] == list(STAGES)
    assert {entry["stage"] for entry in record["enhancements"]} == set(STAGES)
    shares = [stage["share"]["value"] for stage in record["stages"]]
    assert sum(shares) == pytest.approx(1.0)


def test_every_enhancement_says_what_the_contract_names(record):
    for entry in record["enhancements"]:
        chances = list(entry["p_advantage"].values())
        assert chances == sorted(chances) and chances[0] >= 0 and chances[-1] <= 1
        assert list(entry["p_advantage"]) == list(range(2026, 2051))
        assert entry["verdict"] in WORDS and entry["why"]
        assert entry["article"].keys() == {"time_scale", "potential"}
        for name in ("break_even", "break_even_simulation"):
            assert entry[name].keys() == {"p10", "p50", "p90", "p_never", "horizon"}
        assert entry["break_even"]["p_never"] == pytest.approx(1 - chances[-1])
        assert entry["saved_kwh"]["expected"] >= 0
        assert sum(entry["verdict_probabilities"].values()) == pytest.approx(1.0)
        in_year = entry["p_in_year"]
        assert all(in_year[year] <= p + 1e-12 for year, p in entry["p_advantage"].items())
        assert entry["limit"] in ("quality", "size", "hardware", "by construction")
        assert entry["ceiling"].keys() == {"kwh", "kwh_p90", "co2e_kg", "usd", "share"}
        if entry["kind"] == "quantum":
            assert entry["money"]["npv_usd"]["p10"] <= entry["money"]["npv_usd"]["p90"]
            assert 0 <= entry["risk"]["technology"] <= 1 and entry["risk"]["lock_in"]["level"]
            swings = [bar["swing"] for bar in entry["tornado"]]
            assert swings == sorted(swings, reverse=True) and all(bar["meaning"] for bar in entry["tornado"])


def test_every_record_has_distance_needs_trigger_and_expiry(record):
    for entry in record["enhancements"]:
        if entry["kind"] != "quantum":
            continue
        assert list(entry["distance"]) == [2026, 2030, 2040, 2050]
        assert entry["needs"]
        for row in entry["needs"]:
            assert row.keys() >= {"what", "factor", "alone", "target"}
            assert row["factor"] is not None or row["why"]
        assert datetime.date.fromisoformat(entry["expires"]) > datetime.date(2026, 11, 22)
        assert (entry["trigger"] is None) == (entry["trigger_tests"] is None)


def test_tokenisation_is_the_honest_row(record):
    row = next(entry for entry in record["enhancements"] if entry["task"] == "encoding/tokenise")
    assert row["kind"] == "none" and row["verdict"] == "do not" and row["money"] is None


def test_assumptions_say_how_the_draws_were_made(record):
    assumptions = record["assumptions"]
    assert assumptions["draws"] == 500 and assumptions["vendor_share"] == 0.3
    assert assumptions["calibration"]["note"] and assumptions["backtest"]["coverage"] > 0.5
    assert tuple(assumptions["rule"]) == WORDS and "80\u00a0%" in assumptions["rule"]["use now"]


def test_equal_seeds_give_equal_projections_and_other_seeds_others():
    first, again = (project(SCENARIO, draws=200, seed=5).to_record() for _ in range(2))
    assert first == again
    other = project(SCENARIO, draws=200, seed=6).to_record()
    assert other["enhancements"] != first["enhancements"]


@pytest.mark.parametrize("name", sorted(all_scenarios()))
def test_every_shipped_scenario_can_be_projected(name):
    record = project(load_scenario(name), draws=100).to_record()
    assert len(record["enhancements"]) > 30 and json.dumps(record, allow_nan=False)


def test_the_outlook_chooses_the_roadmaps():
    assert settings_of(SCENARIO).vendor_share is None
    assert settings_of(changed(SCENARIO, {"outlook.roadmap": "history"})).vendor_share == 0.0
    assert settings_of(changed(SCENARIO, {"outlook.roadmap": "vendor"})).vendor_share == 1.0
    assert settings_of(changed(SCENARIO, {"outlook.vendor_share": 0.5})).vendor_share == 0.5
    with pytest.raises(QwattError, match="vendor_share"):
        changed(SCENARIO, {"outlook.vendor_share": 50})


@pytest.mark.parametrize(
    "changes",
    [
        {"deployment.requests_per_day": 0.0},
        {"outlook.first_year": 2024, "outlook.last_year": 2027},
        {"outlook.first_year": 2040, "outlook.last_year": 2040},
        {"outlook.classical_gain_per_year": [1.0, 1.3, 2.0]},
        {"training.tokens": 0.0, "curation.raw_tokens": 0.0},
        {"training.tokens": 1e18, "curation.raw_tokens": 1e18, "deployment.requests_per_day": 1e14},
        {"model.params": 1e15, "model.id": None, "deployment.gpus": 100_000, "training.tokens": 1e15},
        {"model.params": 1e6, "model.id": None, "training.tokens": 1e6},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_extreme_scenarios_leave_no_nan(changes):
    record = project(changed(SCENARIO, changes), draws=100).to_record()
    json.dumps(record, allow_nan=False)


def test_years_in_the_wrong_order_are_refused():
    with pytest.raises(QwattError) as error:
        settings_of(changed(SCENARIO, {"outlook.first_year": 2040, "outlook.last_year": 2030}))
    assert error.value.where == "outlook.last_year"


@pytest.mark.parametrize("draws", [0, 99, -5, 10**7])
def test_draws_out_of_range_are_refused(draws):
    with pytest.raises(QwattError) as error:
        project(SCENARIO, draws=draws)
    assert error.value.where == "draws"


def test_a_scenario_without_fine_tuning_or_monitoring_still_projects():
    quiet = changed(SCENARIO, {"tuning.runs_per_year": 0.0, "monitoring.fraction": 0.0})
    assert project(quiet, draws=100).to_record()["enhancements"]


def _trial(method, kind, quality, seed):
    spec = TrialSpec("tuning/head", method, "vader", "s", seed, "engine", 1000, 1)
    energy = Quantity(50.0, unit="J", basis="estimated:cpu_time", boundary="node")
    demand = {"shots": 10**6, "circuits": 10**3, "lines": []} if kind == "quantum" else {}
    return Trial(spec, kind, "accuracy", "done", quality, host_energy=energy, demand=demand)


def test_a_run_folder_anchors_cards_and_quality(tmp_path):
    folder = RunFolder(tmp_path / "run")
    for seed in range(5):
        folder.append(_trial("logistic", "classical", 0.9 + 1e-3 * seed, seed))
        folder.append(_trial("reupload", "quantum", 0.6, seed))
    record = project(SCENARIO, draws=100, run_folder=folder).to_record()
    anchors = {anchor["card"]: anchor for anchor in record["assumptions"]["anchors"]}
    assert anchors["tuning/head/reupload"]["reached"] is False
    assert "gate.circuits" in anchors["tuning/head/reupload"]["factors"]
    assert "core_s" in anchors["tuning/head/logistic"]["factors"]
    claim = next(claim for claim in record["claims"] if claim["id"] == "head-accuracy")
    assert claim["finding"] == "contradicted" and "reupload 0.600" in claim["evidence"]
