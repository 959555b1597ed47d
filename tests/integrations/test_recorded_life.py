"""Recorded joules stand in the life of a model as they were measured, and are read by the verbs."""

import json

import pytest

import qwatt
from qwatt.cli.app import run as command_line
from qwatt.core.energy_log import append_energy
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.core.stage_energy import StageEnergy
from qwatt.projection.life.life_cycle import life_cycle
from qwatt.projection.life.plausible import recorded_doubts
from qwatt.projection.life.recorded import recorded_of
from qwatt.projection.scenario.file import changed, load_scenario

CHAT = changed(load_scenario("llama-3.1-8b-chat"), {"site.pue": 1.25, "site.kg_per_kwh": 0.4})
KWH = 3.6e6


def record(folder, stage, kwh, boundary=Boundary.NODE, name=None, basis=Basis.MEASURED_RAPL, **changes):
    folder.mkdir(exist_ok=True)
    energy = (
        Quantity.unknown("no reader") if kwh is None else Quantity(kwh * KWH, boundary=boundary, basis=basis)
    )
    row = StageEnergy(name or stage, stage, "mine", "done", "2026-01-31T12:00:00Z", 60.0, energy, **changes)
    append_energy(folder, row)
    return folder


def stage_of(folder, stage, scenario=CHAT):
    return life_cycle(scenario, recorded_of(folder)).stages[stage]


def value(stage, name, boundary=None):
    entry = stage.costs[name]
    return (entry[boundary] if boundary else entry).value


def test_a_recorded_training_stands_as_measured(tmp_path):
    stage = stage_of(record(tmp_path, "training", 10.0), "training")
    node, facility = stage.costs["energy_kwh"]["node"], stage.energy
    assert (node.value, node.basis) == (pytest.approx(10.0), "measured:rapl")
    assert (facility.value, facility.basis) == (pytest.approx(12.5), "modelled")
    assert value(stage, "co2e_kg") == pytest.approx(12.5 * 0.4)
    calculated = life_cycle(CHAT).stages["training"]
    assert value(stage, "gpu_hours") == value(calculated, "gpu_hours")
    assert stage.to_record()["recorded"]["used"] and "mine" not in stage.to_record()["note"]


def test_device_joules_go_to_the_node_by_the_chips_factor(tmp_path):
    scenario = changed(CHAT, {"site.k_node": 1.5})
    folder = record(tmp_path, "training", 10.0, Boundary.DEVICE, basis=Basis.MEASURED_NVML)
    energy = stage_of(folder, "training", scenario).costs["energy_kwh"]
    assert energy["device"].basis == "measured:nvml" and energy["device"].value == pytest.approx(10.0)
    assert energy["node"].value == pytest.approx(15.0) and energy["facility"].value == pytest.approx(18.75)


def test_stretches_of_two_boundaries_meet_at_the_facility(tmp_path):
    record(tmp_path, "training", 10.0)
    record(tmp_path, "training", 10.0, Boundary.DEVICE, name="b")
    scenario = changed(CHAT, {"site.k_node": 1.5})
    assert stage_of(tmp_path, "training", scenario).energy.value == pytest.approx((10 + 15) * 1.25)


def test_a_recorded_fine_tune_is_every_fine_tune(tmp_path):
    record(tmp_path, "tuning", 2.0)
    record(tmp_path, "tuning", 4.0, name="second")
    runs = CHAT.tuning.runs_per_year * CHAT.deployment.years
    assert stage_of(tmp_path, "tuning").energy.value == pytest.approx(3.0 * runs * 1.25)


def test_serving_stands_by_the_request_or_not_at_all(tmp_path):
    counted = record(tmp_path / "a", "deployment", 0.001, counts={"requests": 50})
    stage = stage_of(counted, "deployment")
    assert stage.energy.value == pytest.approx(0.001 / 50 * CHAT.deployment.requests * 1.25)
    uncounted = stage_of(record(tmp_path / "b", "deployment", 0.001), "deployment")
    assert uncounted.costs == life_cycle(CHAT).stages["deployment"].costs
    assert "not used" in uncounted.to_record()["note"] and not uncounted.to_record()["recorded"]["used"]


def test_an_unknown_recording_leaves_the_calculated(tmp_path):
    stage = stage_of(record(tmp_path, "training", None), "training")
    assert stage.energy == life_cycle(CHAT).stages["training"].energy
    assert "no reader" in stage.to_record()["note"]


def test_the_own_work_on_a_downloaded_model_counts(tmp_path):
    scenario = load_scenario("smollm2-edge")
    if not scenario.training.downloaded:
        scenario = changed(scenario, {"training.downloaded": True})
    stage = stage_of(record(tmp_path, "curation", 1.0), "curation", scenario)
    assert stage.costs["energy_kwh"]["node"].value == pytest.approx(1.0)
    assert life_cycle(scenario, recorded_of(tmp_path)).stages["training"].energy.value == 0


def test_what_is_far_from_the_calculated_is_doubted_and_what_is_near_is_not(tmp_path):
    plain = life_cycle(CHAT).stages["training"].energy.value / 1.25
    for name, kwh in (("near", plain), ("far", plain / 1000)):
        cycle = life_cycle(CHAT, recorded_of(record(tmp_path / name, "training", kwh)))
        assert bool(recorded_doubts(cycle)) == (name == "far")
    assert not recorded_doubts(life_cycle(CHAT))


def test_the_sum_holds_what_was_recorded(tmp_path):
    record(tmp_path, "training", 10.0)
    with_it, without = life_cycle(CHAT, recorded_of(tmp_path)), life_cycle(CHAT)
    less = without.stages["training"].energy.value - 12.5
    assert with_it.total["energy_kwh"]["facility"].value == pytest.approx(
        without.total["energy_kwh"]["facility"].value - less
    )


@pytest.fixture
def verb(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(line):
        monkeypatch.setattr("sys.argv", ["qwatt", *line.split()])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            command_line()
        out, err = capsys.readouterr()
        assert not ended.value.code, err
        return json.loads(out) if "--json" in line else out

    return call


def test_verbs_read_a_folder_without_trials(verb, tmp_path):
    with qwatt.record("mine", stage="training", label="<b>bold</b>\x1b[31m"):
        sum(range(1000))
    told = verb("report mine --json")
    (row,) = told["recorded"]["rows"]
    assert told["recorded"]["stages"][0]["energy"]["value"] == row["energy"]["value_j"]
    page = (tmp_path / told["report"]).read_text()
    assert "What your own work took." in page and "Methods and their sources" not in page
    assert "<b>bold" not in page and "\x1b" not in page and "bold" in page
    assert "training: " in verb("report mine") and "\x1b" not in verb("report mine")
    assert verb("show mine --json")["recorded"][0]["stage"] == "training"


@pytest.mark.nightly
def test_the_projection_starts_from_what_was_recorded(verb):
    with qwatt.record("mine", stage="training"):
        sum(range(1000))
    row = verb("report mine --json")["recorded"]["rows"][0]
    projected = verb("project my-model --draws 100 --run mine --json")
    training = next(stage for stage in projected["stages"] if stage["stage"] == "training")
    assert (
        training["recorded"]["used"] and training["recorded"]["energy"]["value"] == row["energy"]["value_j"]
    )
    assert "a recorded stretch of" in training["note"]
    assert any("is it the whole work" in warning for warning in projected["warnings"])


def test_rows_stand_beside_trials(verb, tmp_path):
    verb(
        "run tuning/head --method logistic --data builtin:weather --size xs --seeds 1 --tuning-trials 1 "
        "--out mine --json"
    )
    with qwatt.record("mine", stage="deployment", label="serve", counts={"requests": 3}):
        pass
    told = verb("report mine --json")
    assert told["comparisons"] and told["recorded"]["rows"]
    page = (tmp_path / told["report"]).read_text()
    assert "Recorded work" in page and "requests 3" in page
