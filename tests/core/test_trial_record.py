"""Records of this format and of earlier ones, and what is refused."""

import json
from pathlib import Path

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.core.registry import get_task
from qwatt.core.ring import Ring
from qwatt.core.telling import told
from qwatt.core.trial import Candidate, PhaseSum, Trial, TrialSpec

SPEC = TrialSpec("curation/dedup", "minhash", "x", "xs", 3, "engine", 1000, 4)
FORMATS = Path(__file__).parent / "trial_formats"


def full() -> Trial:
    energy = Quantity(2.0, 1.0, 4.0, "J", "estimated:cpu_time", "node", "a note")
    return Trial(
        SPEC, "quantum", "f1", "done", 0.9, {"precision": 1.0}, {"threshold": 0.5}, 1.5,
        host_energy=energy, simulation_energy=energy, shared_energy=energy, classical_remainder=energy,
        phases={"hash": PhaseSum(Ring.KERNEL, 0.5, energy, True, "remark")},
        tuning=[Candidate({"threshold": 0.5}, None)], artifacts=["a/b.txt"], data=["1 left out"],
        environment="e", counters={"calls": 3}, traceback="...", artifact_source="artifacts/x",
    )  # fmt: skip


def test_a_record_survives_json() -> None:
    record = json.loads(json.dumps(full().to_record(), allow_nan=False))
    assert Trial.from_record(record) == full()
    assert (record["format"], record["id"], record["task"], record["seed"]) == (3, SPEC.id, SPEC.task, 3)
    assert record["host_energy"]["value_j"] == 2.0


def test_an_unknown_energy_survives() -> None:
    trial = Trial(SPEC, "classical", "f1", "done", 0.5, host_energy=Quantity.unknown("no counter"))
    again = Trial.from_record(json.loads(json.dumps(trial.to_record())))
    assert again.host_energy is not None
    assert (again.host_energy.value, again.host_energy.reason) == (None, "no counter")


@pytest.mark.parametrize("file", sorted(FORMATS.glob("*.jsonl")), ids=lambda file: file.stem)
def test_every_earlier_format_is_read(file: Path) -> None:
    trials = [Trial.from_record(json.loads(line)) for line in file.read_text().splitlines()]
    assert trials
    for trial in trials:
        assert trial.done
        assert trial.host_energy is not None and trial.host_energy.known
        again = Trial.from_record(json.loads(json.dumps(trial.to_record())))
        assert again == trial
    quantum = [t for t in trials if t.kind == "quantum"]
    assert all(t.classical_remainder is not None and t.classical_remainder.known for t in quantum)
    assert all(t.phases["circuits"].simulated for t in quantum)
    assert any(t.shared_energy is not None for t in trials)
    assert any(t.tuning for t in trials)


@pytest.mark.parametrize("file", sorted(FORMATS.glob("*.jsonl")), ids=lambda file: file.stem)
def test_a_task_tells_of_what_every_earlier_format_holds(file: Path) -> None:
    for line in file.read_text().splitlines():
        trial = Trial.from_record(json.loads(line))
        task = get_task(trial.spec.task)
        assert told(lambda done, task=task: task.headline(done, "artifacts/x"), trial).facts
        assert told(task.summary, trial) is not None
        assert told(task.meets, trial) in (True, False)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"format": 99}, "format"),
        ({"format": "2"}, "format"),
        ({"seed": "many"}, "seed"),
        ({"status": 3}, "status"),
        ({"quality": "good"}, "quality"),
        ({"host_energy": {"value_j": "1"}}, "host_energy"),
        ({"host_energy": 7}, "host_energy"),
        ({"phases": {"hash": 3}}, "phases"),
        ({"phases": []}, "phases"),
        ({"artifacts": "a"}, "artifacts"),
        ({"qpu": {"x": 1}}, "qpu"),
        ({"artifacts": ["../../evil"]}, "artifacts: it leads out"),
        ({"artifacts": ["/etc/passwd"]}, "artifacts: it leads out"),
        ({"artifact_source": "artifacts/../../evil"}, "artifact_source: it leads out"),
        ({"qpu": {"x": {"energy_j": None, "executable": True, "why": "", "seconds": 1.0}}}, "qpu.x.usd"),
        ({"details": 5, "format": 1}, "details"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(change: dict[str, object], named: str) -> None:
    record = json.loads(json.dumps(full().to_record())) | change
    with pytest.raises(QwattError, match=named):
        Trial.from_record(record)


def test_a_missing_field_is_named() -> None:
    record = full().to_record()
    del record["method"]
    with pytest.raises(QwattError, match="method"):
        Trial.from_record(record)
