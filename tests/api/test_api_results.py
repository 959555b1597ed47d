"""Functions of the Python interface give what the verbs print, as frames and pictures too."""

import json
from xml.etree import ElementTree

import pandas
import polars
import pytest

import qwatt
from qwatt.cli.app import run as command_line

WEATHER = {"data": "builtin:weather", "size": "xs", "seeds": 2, "tuning_trials": 1, "shots": 20}
WORDS = "--data builtin:weather --size xs --seeds 2 --tuning-trials 1 --shots 20"


@pytest.fixture
def verb(capsys, monkeypatch, tmp_path):
    """Runs a verb in a folder of its own, and returns its JSON."""
    monkeypatch.chdir(tmp_path)

    def call(line):
        monkeypatch.setattr("sys.argv", ["qwatt", *line.split(), "--json"])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            command_line()
        assert not ended.value.code
        return json.loads(capsys.readouterr().out)

    return call


def as_json(value):
    return json.loads(json.dumps(value, allow_nan=False))


@pytest.fixture(scope="module")
def heads(tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "heads"
    return qwatt.run("tuning/head", methods=["logistic", "reupload-random"], out=out, **WEATHER)


def test_a_run_says_what_the_verb_says(heads, verb):
    told = verb(f"run tuning/head --method logistic --method reupload-random {WORDS} --out {heads.path}")
    mine = as_json(heads.to_dict())
    assert told["skipped"] == mine["trials"] and mine["skipped"] == 0
    for record in (told, mine):
        del record["skipped"], record["seconds"]
    assert told == mine


def test_a_run_is_opened_again_with_its_rows_and_artifacts(heads):
    opened = qwatt.open_run(heads.path)
    assert opened.rows() == heads.rows() and opened.artifacts == heads.artifacts
    rows = {row["method"]: row for row in opened.rows()}
    logistic = [t for t in opened.trials if t.spec.method == "logistic"]
    middle = sum(t.quality for t in logistic) / len(logistic)  # the median of two
    assert rows["logistic"]["quality"] == pytest.approx(middle)
    assert set(opened.to_dict()) == {"run", "trials", "done", "failed", "errors", "summary"}


def test_frames_hold_the_rows_in_both_libraries(heads):
    wide, other = heads.frame("pandas"), heads.frame("polars")
    assert isinstance(wide, pandas.DataFrame) and isinstance(other, polars.DataFrame)
    assert list(wide.columns) == other.columns == list(heads.rows()[0])
    assert wide["energy_j"].tolist() == other["energy_j"].to_list() == [r["energy_j"] for r in heads.rows()]
    assert other["outcome"].to_list() == [str(row["outcome"]) for row in heads.rows()]


def test_an_unknown_library_of_frames_is_named(heads):
    with pytest.raises(qwatt.QwattError, match="pandas"):
        heads.frame("panda")


def test_a_notebook_shows_table_and_picture_with_text_escaped(heads):
    html = heads._repr_html_()
    assert "logistic" in html and "<svg" in html and str(heads.path) in html
    ElementTree.fromstring(heads.figure().svg)
    assert "<svg" not in repr(heads.figure())
    figure = heads.figure("tuning/head")
    assert "tuning/head" in figure.title and "Basis: " in figure.svg
    assert figure.save(heads.path / "one.svg").read_text() == figure._repr_svg_()
    assert figure.save(heads.path / "one.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(qwatt.QwattError, match="tuning/head"):
        heads.figure("tuning/haed")


def test_hostile_names_are_text_in_a_notebook():
    from qwatt.api.estimated import Estimated

    record = {"estimate": "<script>alert(1)</script>", "inputs": {}, "formula": "", "sources": []}
    assert "<script>" not in Estimated(record)._repr_html_()


def test_an_artifact_labels_as_the_verb_does(heads, verb, tmp_path):
    data = tmp_path / "new.csv"
    data.write_text("text\nrain and storm all day\nsun and blue sky\n")
    artifact = qwatt.load(heads.artifacts["tuning/head"])
    assert (artifact.task, artifact.path) == ("tuning/head", heads.artifacts["tuning/head"].parent)
    found = artifact.predict(data)
    assert as_json(found.to_dict()) == verb(f"predict {artifact.path} --data {data}")
    assert found.frame()["label"].tolist() == [row["label"] for row in found.rows()]
    assert qwatt.load(heads.path).task == "tuning/head"
    assert artifact.files


def test_a_plan_says_what_the_verb_says(verb):
    found = qwatt.plan("tuning/head", methods="reupload", **WEATHER)
    assert as_json(found.to_dict()) == verb(f"plan tuning/head --method reupload --all {WORDS}")
    frame = found.frame()
    assert {"reupload", "logistic"} & set(frame["method"])
    one = qwatt.plan("tuning/head", methods="reupload", qpus=["ibm_fez"], **WEATHER).frame()
    assert set(one["qpu"].dropna()) == {"ibm_fez"}


def test_a_projection_says_what_the_verb_says_and_writes_only_when_asked(verb, tmp_path):
    found = qwatt.project("my-model", draws=100, seed=1)
    assert found.report is None and not list(tmp_path.iterdir())
    told = verb("project my-model --draws 100 --seed 1 --out mine")
    assert as_json(found.write_report("mine").to_dict()) == told
    stages = found.frame(table="stages")
    known = [stage["energy_kwh"]["facility"]["value"] for stage in told["stages"]]
    assert stages["energy_kwh"].tolist() == pytest.approx(known)
    assert len(found.frame("polars")) == len(told["levers"])
    assert "<svg" in found._repr_html_()
    with pytest.raises(qwatt.QwattError, match="stages"):
        found.frame(table="stage")


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (
            lambda: qwatt.estimate.training(params=8e9, tokens=15e12, accelerator="h100", pue=1.1),
            "training --params 8B --tokens 15T --accelerator h100 --pue 1.1",
        ),
        (
            lambda: qwatt.estimate.circuit("ibm_fez", qubits=20, gates_1q=100, gates_2q=50),
            "circuit --qpu ibm_fez --qubits 20 --gates-1q 100 --gates-2q 50",
        ),
        (
            lambda: qwatt.estimate.anneal("dwave_adv2", variables=100, reads=10),
            "anneal --qpu dwave_adv2 --variables 100 --reads 10",
        ),
        (
            lambda: qwatt.estimate.development(
                final=qwatt.estimate.TrainingInput(params=8e9, tokens=15e12, accelerator="h100")
            ),
            "development --params 8B --tokens 15T --accelerator h100",
        ),
    ],
)
def test_an_estimate_says_what_the_verb_says(verb, call, line):
    found = call()
    assert as_json(found.to_dict()) == verb(f"estimate {line}")
    for row in found.rows():
        assert found[row["quantity"]].value == row["value"]


def test_an_estimate_answers_by_name_as_a_quantity():
    found = qwatt.estimate.training(params=1e9, tokens=1e9, accelerator="h100")
    energy = found["energy_kwh.facility"]
    assert isinstance(energy, qwatt.Quantity) and energy.unit == "kWh" and energy.basis == "modelled"
    with pytest.raises(KeyError, match=r"energy_kwh\.device"):
        found["energy"]


def test_settings_are_given_as_a_mapping(tmp_path):
    one = qwatt.plan("tuning/head", methods="logistic", settings={"logistic.C": 0.5}, **WEATHER)
    other = qwatt.plan("tuning/head", methods="logistic", settings=["logistic.C=0.5"], **WEATHER)
    assert one.to_dict() == other.to_dict()


def test_a_study_is_given_as_tables():
    tables = {
        "name": "mine",
        "seeds": 1,
        "size": "xs",
        "tasks": [{"task": "tuning/head", "methods": ["logistic"]}],
    }
    tables["tasks"][0]["source"] = "builtin:weather"
    assert {row.method for row in qwatt.plan(tables).methods} == {"logistic"}
    with pytest.raises(qwatt.QwattError, match="options change no study"):
        qwatt.plan(tables, seeds=3)


def test_the_meter_is_that_of_the_protocol():
    with qwatt.Meter().window("work") as window:
        sum(range(100_000))
    assert window.seconds > 0 and (window.energy.known or window.energy.reason)
