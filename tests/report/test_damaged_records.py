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


def report(folder, line):
    (folder / "study.toml").write_text(STUDY)
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
