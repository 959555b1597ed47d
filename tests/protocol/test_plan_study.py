import pytest
from protocol_numbers import LATER, TASK, method, study

from qwatt.core.backend import DemandRecorder
from qwatt.core.errors import QwattError
from qwatt.core.study import Study
from qwatt.core.study_file import check_study
from qwatt.protocol.plan import plan_study


def real(**changes: object) -> Study:
    tasks = [
        {"task": "tuning/head", "source": "builtin:weather", "methods": ["reupload"]},
        {"task": "curation/dedup", "source": "builtin:phrases"},
    ]
    return check_study({"seeds": 2, "size": "xs", "tuning_trials": 2, "tasks": tasks} | changes, "the test")


def test_no_circuit_is_executed(monkeypatch: pytest.MonkeyPatch) -> None:
    from qwatt.core import registry

    def refuse(*_: object) -> None:
        raise AssertionError("a plan executed something")

    monkeypatch.setattr(DemandRecorder, "add", refuse)
    for name in registry.all_backends():
        monkeypatch.setitem(registry._backends, name, refuse)
    rows = plan_study(real())
    assert {row.method for row in rows} >= {"reupload", "logistic", "independent-set-qaoa", "minhash"}
    quantum = [row for row in rows if row.kind == "quantum"]
    assert all(row.demand.circuits > 0 and len(row.qpu) >= 14 for row in quantum)
    assert all(row.seeds == 2 for row in rows)


def test_rows_are_json_with_what_was_promised() -> None:
    import json

    for row in plan_study(real(seeds=1)):
        record = json.loads(json.dumps(row.to_record(), allow_nan=False))
        assert {"task", "method", "kind", "demand", "host_energy", "qpu"} <= set(record)
        totals = {
            "circuits",
            "shots",
            "qubits",
            "gates_1q",
            "gates_2q",
            "depth",
            "measurements",
            "anneal_reads",
        }
        assert totals <= set(record["demand"])
        for cost in record["qpu"].values():
            assert {"energy_j", "seconds", "usd", "executable", "why"} <= set(cost)


def test_exact_rows_have_rows_of_their_own() -> None:
    rows = [(row.method, row.shots) for row in plan_study(real(seeds=1, exact=True))]
    assert ("reupload", None) in rows
    assert ("reupload", 1000) in rows
    assert len(rows) == len(set(rows))


def test_a_chained_task_is_planned_on_what_the_artifact_is_made_from(register) -> None:  # type: ignore[no-untyped-def]
    register(method("consumer", lambda x, context: x, task=LATER))
    tasks = [{"task": TASK, "source": "mine"}, {"task": LATER, "source": f"@{TASK}"}]
    row = plan_study(study(tasks=tasks))[-1]
    assert row.task == LATER
    assert "mine" in row.note


def chained(source: str) -> Study:
    tasks = [
        {"task": "curation/dedup", "source": source, "methods": ["exact-hash"]},
        {"task": "encoding/tokenise", "source": "@curation/dedup", "methods": ["bytes"]},
        {"task": "encoding/load", "source": "@curation/dedup", "methods": ["int8"]},
    ]
    return check_study({"seeds": 1, "size": "xs", "tuning_trials": 1, "tasks": tasks}, "the test")


def test_what_an_earlier_task_takes_stands_in_for_its_artifact() -> None:
    rows = {row.task: row for row in plan_study(chained("builtin:phrases"))}
    for task in ("encoding/tokenise", "encoding/load"):
        assert rows[task].note.startswith("planned on builtin:phrases, before curation/dedup")
        assert rows[task].host_energy.known


def test_what_cannot_stand_in_is_said_to_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qwatt.stages.encoding.load.sources.PHRASES", "no longer one")
    with pytest.raises(QwattError, match="builtin:phrases cannot stand in for it: no such file") as caught:
        plan_study(chained("builtin:phrases"))
    assert caught.value.where == "encoding/load" and "@curation/dedup does not exist" in caught.value.what
