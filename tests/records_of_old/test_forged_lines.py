"""Lines whose digests are right and whose values are not: no version of ours writes such."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import get_args, get_type_hints

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.method import Kind
from qwatt.core.quantity import Quantity
from qwatt.core.recorded import RecordedTrial, TrialLine
from qwatt.core.ring import Ring
from qwatt.core.run_folder import RunFolder
from qwatt.core.trial import Candidate, PhaseSum, Trial, TrialSpec
from qwatt.core.trial_lines import is_as_written, read_line
from qwatt.report import write_report

STUDY = (
    'seeds = 1\ntuning_trials = 1\n[[tasks]]\ntask = "tuning/head"\nsource = "builtin:weather"\n'
    'size = "xs"\nmethods = ["logistic"]\n'
)
ENERGY = {"value_j": 1.0, "low_j": 0.5, "high_j": 2.0, "basis": "estimated:cpu_time", "boundary": "node"}
PHASE = {"ring": 1, "seconds": 1.0, "energy": ENERGY, "simulated": False, "note": ""}
COST = {"energy_j": None, "executable": True, "seconds": 1.0, "usd": None, "fidelity": 0.5, "why": ""}


def record():
    spec = TrialSpec("tuning/head", "logistic", "builtin:weather", "xs", 0, "engine", 1000, 1)
    energy = Quantity(1.0, 0.5, 2.0, "J", "estimated:cpu_time", "node")
    trial = Trial(spec, "quantum", "accuracy", "done", 0.9, seconds=1.0, host_energy=energy)
    trial.phases, trial.qpu = {"fit": PhaseSum(Ring.KERNEL, 1.0, energy)}, {"ibm_fez": COST}
    trial.tuning = [Candidate({}, 0.5)]
    return trial.to_record()


def forged(values):
    """Return a line with the digests that its record has."""
    values = json.loads(json.dumps(values))
    whole = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    text = json.dumps(values | {"sha256": whole})[:-1]
    return f'{text}, "line": "{hashlib.sha256(text.encode()).hexdigest()[:16]}"}}\n'.encode()


def test_a_right_record_with_its_digests_is_taken():
    trial = read_line(forged(record()))
    assert isinstance(trial, RecordedTrial)
    assert trial == Trial.from_record(record())
    for field in fields(Trial):
        assert getattr(trial, field.name) == getattr(Trial.from_record(record()), field.name)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "perhaps"),
        ("kind", "magic"),
        ("seconds", -1.0),
        ("seconds", 1e13),
        ("artifacts", ["/etc/passwd"]),
        ("artifacts", ["artifacts/../../evil"]),
        ("artifact_source", "../evil"),
        ("quality", "good"),
        ("seed", "one"),
        ("host_energy", ENERGY | {"high_j": 1e31}),
        ("host_energy", ENERGY | {"basis": "guessed"}),
    ],
)
def test_a_wrong_field_is_refused_by_line(tmp_path, field, value):
    line = forged(record() | {field: value})
    assert is_as_written(line)
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "trials.jsonl").write_bytes(line)
    with pytest.raises(QwattError, match=r"trials\.jsonl, line 1"):
        write_report(RunFolder.open(tmp_path))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host_energy", ENERGY | {"low_j": 1.5}),
        ("host_energy", ENERGY | {"value_j": None}),
        ("phases", {"fit": PHASE | {"seconds": -1.0}}),
        ("phases", {"fit": PHASE | {"ring": 9}}),
        ("phases", {"fit": PHASE | {"energy": None}}),
        ("qpu", {"ibm_fez": {}}),
        ("qpu", {"ibm_fez": COST | {"executable": "yes"}}),
        ("qpu", {"ibm_fez": COST | {"energy_j": 1.0}}),
        ("settings", []),
        ("extras", "x"),
        ("notes", [1]),
        ("tuning", [1]),
        ("tuning", [{"settings": {}}]),
    ],
)
def test_what_is_read_later_is_refused_by_trial(field, value):
    trial = read_line(forged(record() | {field: value}))
    with pytest.raises(QwattError, match=field) as refused:
        getattr(trial, field)
    assert refused.value.where == "trials.jsonl, logistic, seed 0"
    assert trial.spec.id in refused.value.mend


def test_the_kinds_of_a_line_are_those_of_methods():
    assert get_args(get_type_hints(TrialLine)["kind"]) == tuple(Kind)


def test_a_whole_number_beyond_all_floats_is_refused():
    with pytest.raises(ValueError, match="is no finite number"):
        read_line(json.dumps(record() | {"extras": {"documents": 10**400}}).encode())
