"""Exports of a run, read back by other readers and held against numbers made by hand."""

import csv
import json
import math
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

import qwatt
from qwatt.cli.app import run as command_line
from qwatt.core.energy_log import append_energy, read_energy
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.core.stage_energy import StageEnergy
from qwatt.projection.calculators.site import SiteInput

KWH = 3.6e6
HOSTILE = "=HYPERLINK(1)\n---\x1b[31m<script>alert(1)</script>"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "study"
    return qwatt.run(
        "tuning/head",
        methods=["logistic"],
        data="builtin:weather",
        size="xs",
        seeds=2,
        tuning_trials=1,
        out=out,
    )


def recorded(folder, *rows):
    """A folder with stretches: (stage, kWh or None, changes)."""
    run = RunFolder(folder)
    run.add_environment("env", {"cpu": "Some CPU", "cores": 8, "memory_gb": 1, "system": "s", "python": "3"})
    for at, (stage, kwh, changes) in enumerate(rows):
        fields = {"boundary": Boundary.NODE, "basis": Basis.MEASURED_RAPL} | changes.pop("energy", {})
        energy = Quantity.unknown("no reader") if kwh is None else Quantity(kwh * KWH, **fields)
        label = changes.pop("label", f"work {at}")
        row = StageEnergy(f"id{at}", stage, label, "done", "2026-01-31T12:00:00Z", 60.0, energy, **changes)
        append_energy(folder, row)
    return folder


def card_of(path):
    text = path.read_text(encoding="utf-8")
    head = text.split("---\n")[1] if text.startswith("---\n") else ""
    return (yaml.safe_load(head) or {}).get("co2_eq_emissions"), text


def test_csv_holds_every_trial_and_no_formula(study, tmp_path):
    with qwatt.export(study, "csv", out=tmp_path / "run.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["id"] for row in rows] == [trial.spec.id for trial in study.trials]
    for row, trial in zip(rows, study.trials, strict=True):
        assert float(row["energy_j"]) == trial.host_energy.value and float(row["quality"]) == trial.quality
        assert row["energy_basis"] == trial.host_energy.basis


def test_csv_keeps_numbers_and_spoils_formulas(tmp_path):
    folder = recorded(
        tmp_path / "r", ("training", 1.0, {"label": HOSTILE}), ("tuning", None, {"label": "-5"})
    )
    with qwatt.export(folder, "csv").open(newline="", encoding="utf-8") as stream:
        first, second = csv.DictReader(stream)
    assert first["label"] == f"'{HOSTILE}" and second["label"] == "-5"
    assert (
        float(first["energy_j"]) == KWH
        and second["energy_j"] == ""
        and second["energy_unknown"] == "no reader"
    )


def test_json_is_the_folder_without_nan(study, tmp_path):
    def refuse(constant):
        raise AssertionError(constant)

    path = qwatt.export(study, "json", out=tmp_path / "run.json")
    record = json.loads(path.read_text(), parse_constant=refuse)
    assert [trial["id"] for trial in record["trials"]] == [trial.spec.id for trial in study.trials]
    assert record["comparisons"] and record["environments"] and record["recorded"]["rows"] == []


def test_the_card_has_grams_and_their_basis(tmp_path):
    folder = recorded(
        tmp_path / "r",
        ("training", 2.0, {"facts": {"accelerators": "8 x H100"}}),
        ("tuning", 1.0, {}),
        ("deployment", 50.0, {}),
    )
    card, text = card_of(qwatt.export(folder, "hf-card", grid="france"))
    intensity = SiteInput(grid="france").place().grid.kg_per_kwh.value
    assert card["emissions"] == pytest.approx(3.0 * intensity * 1000, rel=1e-3)
    assert (
        card["training_type"] == "pre-training and fine-tuning" and card["geographical_location"] == "France"
    )
    assert card["hardware_used"] == "8 x H100; 8 cores of Some CPU"
    assert "measured:rapl" in card["source"] and "measured:rapl" in text and "boundary node" in text


def test_a_card_without_a_place_says_so(tmp_path):
    card, text = card_of(qwatt.export(recorded(tmp_path / "r", ("training", 2.0, {})), "hf-card"))
    assert "geographical_location" not in card and "no place is stated" in card["source"]
    assert "the place is not stated" in text


@pytest.mark.parametrize("kwh", [1e-12, 1e-7, 1.0, 1e9, 1e18])
def test_emissions_are_a_number_for_every_reader(tmp_path, kwh):
    card, _ = card_of(qwatt.export(recorded(tmp_path / "r", ("training", kwh, {})), "hf-card"))
    assert isinstance(card["emissions"], float) and card["emissions"] > 0


def test_unknown_emissions_are_said_and_not_zero(tmp_path):
    card, text = card_of(qwatt.export(recorded(tmp_path / "r", ("training", None, {})), "hf-card"))
    assert card is None and "unknown: partial" in text and "no reader" in text


def test_hostile_labels_are_text_in_cards_and_paragraphs(tmp_path):
    folder = recorded(tmp_path / "r", ("training", 1.0, {"label": HOSTILE}))
    for form in ("hf-card", "ai-act"):
        text = qwatt.export(folder, form).read_text(encoding="utf-8")
        assert "<script>" not in text and "\x1b" not in text and text.count("\n---\n") == (form == "hf-card")


def test_sci_is_operation_and_embodied_by_the_unit(tmp_path):
    work = {"counts": {"requests": 10, "tokens": 1e6}, "cpu_seconds": 7200.0}
    folder = recorded(tmp_path / "r", ("deployment", 2.0, work), ("training", 1.0, {"cpu_seconds": 3600.0}))
    found = json.loads(qwatt.export(folder, "sci", grid="france").read_text())
    training, serving = found["entries"]
    intensity = SiteInput(grid="france").place().grid.kg_per_kwh.value * 1000
    assert serving["R"] == {"unit": "request", "count": 10} and serving["boundary_of"] == "consumer"
    assert serving["operational_per_unit"]["value"] == pytest.approx(2.0 * intensity / 10)
    whole = 2.0 * intensity + serving["M"]["value"]
    assert serving["sci"]["value"] == pytest.approx(whole / 10) and serving["M"]["value"] > 0
    assert training["R"]["count"] == 1 and training["boundary_of"] == "provider"
    assert serving["M"]["value"] == pytest.approx(2 * training["M"]["value"])


def test_sci_is_null_with_the_reason_where_m_is(study, tmp_path):
    gpus = {"facts": {"accelerators": "1 x H100"}}
    folder = recorded(tmp_path / "r", ("training", 1.0, gpus))
    of_study = json.loads(qwatt.export(study, "sci", out=tmp_path / "s.json").read_text())["entries"][0]
    for entry in (*json.loads(qwatt.export(folder, "sci").read_text())["entries"], of_study):
        assert entry["sci"]["value"] is None and "not recorded" in entry["sci"]["reason"]
        assert entry["operational_per_unit"]["value"] > 0


@pytest.mark.parametrize(
    ("basis", "word"), [(Basis.MEASURED_RAPL, "known"), (Basis.ESTIMATED_CPU_TIME, "estimated")]
)
def test_the_paragraph_says_known_or_estimated(tmp_path, basis, word):
    folder = recorded(
        tmp_path / "r",
        ("training", 2.0, {"energy": {"basis": basis}, "counts": {"flop": 1e15}}),
        ("deployment", 9.0, {}),
    )
    text = qwatt.export(folder, "ai-act").read_text(encoding="utf-8")
    assert f"The {word} energy consumption of the model's development is 2 kWh, basis {basis}" in text
    assert "Not part of development" in text and "as the training library estimates" in text


def test_the_paragraph_says_how_the_parts_were_found(tmp_path):
    mixed = {
        "basis": Basis.ESTIMATED_CPU_TIME,
        "boundary": Boundary.DEVICE,
        "reason": "1 GPU by counter; <CPU>",
    }
    folder = recorded(tmp_path / "r", ("training", 1.0, {"energy": mixed}))
    for form in ("ai-act", "hf-card"):
        text = qwatt.export(folder, form).read_text()
        assert "basis estimated:cpu_time (1 GPU by counter; &lt;CPU&gt;), boundary device" in text


def test_a_pue_leads_to_the_facility_and_to_an_estimate(tmp_path):
    text = qwatt.export(recorded(tmp_path / "r", ("training", 2.0, {})), "ai-act", pue=1.5).read_text()
    assert "The estimated energy consumption of the model's development is 3 kWh, basis modelled" in text
    assert "boundary facility" in text


def test_work_that_methods_share_is_said_to_be_charged_to_each(study):
    joules = sum(trial.shared_energy.to("J").value for trial in study.trials)
    text = qwatt.export(study, "ai-act").read_text(encoding="utf-8")
    (remark,) = (line for line in text.splitlines() if "charged to each" in line)
    assert joules > 0 and str(Quantity(joules)).split()[0] in remark


def test_the_paragraph_says_what_is_unknown(tmp_path):
    text = qwatt.export(recorded(tmp_path / "r", ("training", None, {})), "ai-act").read_text()
    assert "Unknown: " in text and "Floating-point operations: unknown" in text


@pytest.mark.parametrize("form", ["ai-act", "hf-card", "sci"])
def test_trials_beside_recorded_work_are_said_to_be_left_out(study, tmp_path, form):
    both = tmp_path / "both"
    shutil.copytree(study.path, both)
    recorded(both, ("tuning", 1.0, {}))
    said = "2 trials in this run folder, beside the recorded work: not contained"
    assert said in qwatt.export(both, form).read_text(encoding="utf-8")
    alone = recorded(tmp_path / "alone", ("tuning", 1.0, {}))
    assert "beside the recorded work" not in qwatt.export(alone, form).read_text(encoding="utf-8")


def test_boundaries_are_not_added(tmp_path):
    device = {"energy": {"boundary": Boundary.DEVICE, "basis": Basis.MEASURED_NVML}}
    folder = recorded(tmp_path / "r", ("training", 1.0, device), ("tuning", 1.0, {}))
    assert "different boundaries" in qwatt.export(folder, "ai-act").read_text()


def store_of(path):
    """Read MLflow's file store as its documentation describes it."""
    (experiment,) = (folder for folder in path.iterdir() if folder.is_dir())
    runs = {}
    for folder in (one for one in experiment.iterdir() if one.is_dir()):
        meta = yaml.safe_load((folder / "meta.yaml").read_text(encoding="utf-8"))
        values = {
            kind: {f.name: f.read_text() for f in (folder / kind).iterdir()} for kind in ("params", "tags")
        }
        metrics = {f.name: float(f.read_text().split()[1]) for f in (folder / "metrics").iterdir()}
        assert folder.name == meta["run_id"] and meta["experiment_id"] == experiment.name
        runs[values["tags"]["mlflow.runName"]] = (meta, metrics, values["params"], values["tags"])
    return yaml.safe_load((experiment / "meta.yaml").read_text()), runs


def test_mlflow_has_a_run_a_trial(study, tmp_path):
    experiment, runs = store_of(qwatt.export(study, "mlflow", out=tmp_path / "mlruns"))
    assert experiment["name"] == "study" and len(runs) == len(study.trials)
    for trial in study.trials:
        meta, metrics, params, tags = runs[f"tuning/head logistic seed {trial.spec.seed}"]
        assert metrics["energy_j"] == trial.host_energy.value and metrics["accuracy"] == trial.quality
        assert (
            params["seed"] == str(trial.spec.seed) and tags["qwatt.energy_basis"] == trial.host_energy.basis
        )
        assert meta["status"] == 3 and meta["end_time"] - meta["start_time"] == int(trial.seconds * 1000)


def test_mlflow_nests_parts_and_leaves_unknown_metrics_out(tmp_path):
    folder = recorded(
        tmp_path / "r",
        ("training", None, {"label": "all", "counts": {"../../up": 3.0}}),
        ("training", 1.0, {"label": "epoch", "part_of": "id0"}),
    )
    _, runs = store_of(qwatt.export(folder, "mlflow"))
    whole, part = runs["all"], runs["epoch"]
    assert "energy_j" not in whole[1] and whole[3]["qwatt.energy_unknown"] == "no reader"
    assert part[3]["mlflow.parentRunId"] == whole[0]["run_id"]
    assert not list(tmp_path.rglob("up"))


def test_a_store_is_written_anew_and_nothing_else_is_written_over(study, tmp_path):
    target = tmp_path / "mlruns"
    assert (
        store_of(qwatt.export(study, "mlflow", out=target))[0]
        == store_of(qwatt.export(study, "mlflow", out=target))[0]
    )
    (target / "mine.txt").write_text("keep")
    with pytest.raises(qwatt.QwattError, match="written over"):
        qwatt.export(study, "mlflow", out=target)
    with pytest.raises(qwatt.QwattError, match="belongs to a run"):
        qwatt.export(study, "csv", out=study.path / "trials.jsonl")
    assert study.trials


def test_a_store_of_names_that_are_no_utf8(tmp_path):
    folder = recorded(tmp_path / "\udcff", ("training", 1.0, {}))
    experiment, runs = store_of(qwatt.export(folder, "mlflow"))
    assert "all" not in runs and len(runs) == 1 and experiment


def test_records_of_another_run_are_not_written_over(study, tmp_path):
    other = recorded(tmp_path / "other", ("training", 1.0, {}))
    for name in ("energy.jsonl", "environment.json"):
        before = (other / name).read_bytes()
        with pytest.raises(qwatt.QwattError, match="belongs to a run"):
            qwatt.export(study, "csv", out=other / name)
        assert (other / name).read_bytes() == before
    assert qwatt.export(study, "csv", out=other / "export" / "a.csv").is_file()
    assert qwatt.export(study, "csv", out=other / "export" / "a.csv").is_file()


def test_the_installed_mlflow_reads_the_store(study, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    client = pytest.importorskip("mlflow").MlflowClient(
        qwatt.export(study, "mlflow", out=tmp_path / "m").as_uri()
    )
    (experiment,) = client.search_experiments()
    found = client.search_runs([experiment.experiment_id])
    energies = sorted(run.data.metrics["energy_j"] for run in found)
    assert energies == sorted(trial.host_energy.value for trial in study.trials)


@pytest.mark.parametrize("form", ["csv", "json", "mlflow", "hf-card", "sci", "ai-act"])
def test_the_verb_gives_the_written_path(study, capsys, monkeypatch, form):
    monkeypatch.setattr("sys.argv", ["qwatt", "export", str(study.path), "--to", form, "--json"])
    with pytest.raises(SystemExit) as ended:
        command_line()
    assert not ended.value.code
    record = json.loads(capsys.readouterr().out)
    assert qwatt.export(study, form) == qwatt.Run(study.path).path / "export" / record["path"].split("/")[-1]


def test_a_form_a_grid_and_a_pue_that_are_not_are_refused(study):
    for words, name in (
        (("cvs", {}), "csv"),
        (("sci", {"grid": "nowhere"}), "grid"),
        (("sci", {"grid": ""}), "grid"),
        (("sci", {"pue": 0.5}), "pue"),
    ):
        with pytest.raises(qwatt.QwattError, match=name):
            qwatt.export(study, words[0], **words[1])


def test_infinities_reach_no_export(tmp_path):
    folder = recorded(tmp_path / "r", ("training", 1.0, {"counts": {"tokens": 1e308}}))
    assert math.isfinite(read_energy(folder).rows[0].counts["tokens"])
    for form in ("json", "sci"):
        json.loads(qwatt.export(folder, form).read_text())


def test_several_export_at_once_and_the_last_stays_whole(study, tmp_path):
    target, gate = tmp_path / "mlruns", threading.Barrier(4)

    def write(_):
        gate.wait()
        return [qwatt.export(study, "mlflow", out=target) for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        assert all(list(pool.map(write, range(4))))
    assert len(store_of(target)[1]) == len(study.trials)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mlruns"]


@pytest.mark.parametrize("change", [{"seconds": 1e308}, {"host_energy": {"value_j": 1e307, "high_j": 1e308}}])
def test_an_absurd_amount_in_a_record_is_refused_by_line_and_field(change, study, tmp_path):
    folder = RunFolder(tmp_path / "run")
    record = study.trials[0].to_record()
    energy = record["host_energy"] | change.get("host_energy", {})
    folder.trials_file.write_text(json.dumps(record | change | {"host_energy": energy}) + "\n")
    for form in ("csv", "mlflow", "ai-act"):
        with pytest.raises(qwatt.QwattError, match=f"field {next(iter(change))}.*beyond bounds") as refused:
            qwatt.export(folder.path, form)
        assert "line 1" in str(refused.value)
