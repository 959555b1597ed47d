"""The watch list: order, triggers, and what moved when the catalogue changed."""

import pytest

from qwatt import catalogue
from qwatt.core.errors import QwattError
from qwatt.projection.verdicts import watch


def _entry(name, last=3.0, limit="hardware", trigger="clique >= 64", met=(), verdict="do not"):
    tests = None if trigger is None else {"program": "anneal", "tests": [], "years": 1.0, "met_by": list(met)}
    return {
        **{"id": name, "name": name, "stage": "deployment", "kind": "quantum", "verdict": verdict},
        **{"limit": limit, "distance": {2026: 5.0, 2050: last}, "trigger": trigger, "trigger_tests": tests},
        "ceiling": {"kwh": 1.0, "co2e_kg": 1.0, "usd": 1e6, "share": 0.01},
        "expires": "2030-01-01",
    }


def test_the_nearest_stand_first_and_what_no_machine_changes_is_left_out():
    entries = [
        _entry("far", 9.0),
        _entry("never", 1.0, trigger=None),
        _entry("construction", 0.1, limit="by construction"),
        _entry("near", 2.0),
        _entry("undefined", None),
    ]
    assert [row["id"] for row in watch.watch_list(entries)] == ["near", "far", "undefined", "never"]
    assert all(row["moved"] is None for row in watch.watch_list(entries))


def test_a_list_says_what_moved_since_the_last_one(tmp_path, monkeypatch):
    path = tmp_path / "state" / "list.json"
    watch.remember([_entry("one", 3.0), _entry("other", 4.0)], path)
    before = watch.remembered(path)
    same = watch.watch_list([_entry("one", 3.0)], before)[0]["moved"]
    assert same["distance"] == 0.0 and same["because"] == [] and same["verdict"] is None

    tables = catalogue.load("qpus")
    tables["dwave_adv2"]["program_time"]["value"] = 1.0
    load = catalogue.load
    monkeypatch.setattr(catalogue, "load", lambda name: tables if name == "qpus" else load(name))
    nearer = _entry("one", 2.5, met=["dwave_adv2"], verdict="watch")
    moved = watch.watch_list([nearer], before)[0]["moved"]
    assert moved["distance"] == -0.5 and moved["because"] == ["qpus.dwave_adv2.program_time"]
    assert moved["met_by"] == ["dwave_adv2"] and moved["verdict"] == ["do not", "watch"]
    assert watch.watch_list([_entry("new")], before)[0]["moved"] is None


ROWS = '{"date": "2026", "numbers": {}, "rows": {"a": %s}}'
ODD = [
    "null",
    "[]",
    '{"distance": "1", "verdict": "watch", "met_by": []}',
    '{"distance": 1e999}',
]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"date": 1}', "[" * 100_000, *(ROWS % odd for odd in ODD)])
def test_a_file_that_is_no_list_is_refused(tmp_path, text):
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(QwattError, match="no earlier watch list"):
        watch.remembered(path)


def test_numbers_are_those_of_the_catalogue():
    found = watch.numbers()
    assert found["qpus.dwave_adv2.clique"] == 160 and len(found) > 500
