"""A run folder whose records were damaged in one field: the report is written, or refuses file and line."""

import copy
import json

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.core.trial import Trial, TrialSpec
from qwatt.report import write_report

STUDY = (
    'seeds = 1\ntuning_trials = 1\n[[tasks]]\ntask = "tuning/head"\nsource = "builtin:weather"\n'
    'size = "xs"\nmethods = ["logistic"]\n'
)
JUNK = (
    "0",
    "[]",
    "{}",
    '"x"',
    "null",
    "NaN",
    "-1e999",
    '"\\ud800"',
    "[[[[[[[[]]]]]]]]",
    '{"a": NaN}',
    "true",
)


def record():
    spec = TrialSpec("tuning/head", "logistic", "builtin:weather", "xs", 0, "engine", 1000, 1)
    energy = Quantity(1.0, 0.5, 2.0, boundary="node")
    found = Trial(spec, "quantum", "accuracy", "done", 0.9, seconds=1.0, host_energy=energy)
    found.classical_remainder = energy
    joules = {"value": 2.0, "low": 1.0, "high": 3.0}
    cost = {"energy_j": joules, "executable": True, "seconds": 1.0, "usd": None, "fidelity": 0.5, "why": ""}
    found.qpu = {"ibm_fez": cost}
    return found.to_record()


def report(folder, line, study=STUDY):
    (folder / "study.toml").write_text(study)
    (folder / "trials.jsonl").write_bytes(line.encode("utf-8", "surrogatepass") + b"\n")
    return write_report(RunFolder.open(folder))


def test_the_record_itself_is_reported(tmp_path):
    assert report(tmp_path, json.dumps(record())).exists()


@pytest.mark.parametrize("field", sorted(record()))
def test_one_damaged_field_is_read_or_refused_by_line(tmp_path, field):
    for value in JUNK:
        damaged = copy.deepcopy(record()) | {field: "HERE"}
        line = json.dumps(damaged).replace('"HERE"', value)
        try:
            report(tmp_path, line)
        except QwattError as error:
            assert f"{tmp_path / 'trials.jsonl'}, line 1" in str(error), value
            assert error.mend, value


@pytest.mark.parametrize(
    "line", ["[" * 100_000, "{" * 100_000, '{"id": "25f58', "nul", "\x00", '{"a": 1} {}']
)
def test_a_line_that_is_no_record_is_refused(tmp_path, line):
    with pytest.raises(QwattError, match=r"trials\.jsonl, line 1: not a trial record"):
        report(tmp_path, line)


@pytest.mark.parametrize("facts", ['"a machine"', "{}", '{"cpu": 1, "packages": []}', "null"])
def test_a_damaged_machine_is_unknown_and_costs_no_report(tmp_path, facts):
    (tmp_path / "environment.json").write_text(f'{{"e": {facts}}}')
    page = report(tmp_path, json.dumps(record())).read_text("utf-8")
    assert "unknown cores" in page


@pytest.mark.parametrize("text", ["[" * 100_000, "[1]", '"x"', "{"])
def test_a_file_of_machines_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "environment.json").write_text(text)
    with pytest.raises(QwattError, match=r"environment\.json"):
        report(tmp_path, json.dumps(record()))


DEDUP = (
    STUDY.replace("tuning/head", "curation/dedup")
    .replace("weather", "phrases")
    .replace("logistic", "minhash")
)


@pytest.mark.parametrize("part", ["extras", "notes"])
@pytest.mark.parametrize("value", [{}, [], "x", -1, None, {"a": 1}])
def test_what_only_the_task_knows_the_form_of_is_read_or_refused_by_id(tmp_path, part, value):
    spec = TrialSpec("curation/dedup", "minhash", "builtin:phrases", "xs", 0, "engine", 1000, 1)
    good = {"documents_in": 9, "documents_kept": 8, "removed_by_kind": {"exact": 1}, "precision": 1.0}
    extras, notes = good | {"recall": 1.0, "examples": []}, {"precision_asked": 0.99}
    for name in {"extras": extras, "notes": notes}[part]:
        found = Trial(spec, "classical", "pair_f1", "done", 0.9, seconds=1.0, host_energy=Quantity(1.0))
        found.extras, found.notes = dict(extras), dict(notes)
        getattr(found, part)[name] = value
        try:
            report(tmp_path, json.dumps(found.to_record()), DEDUP)
        except QwattError as error:
            assert spec.id in str(error), (name, error)
