"""`qwatt list` and `qwatt show` of what the projection uses."""

import pytest


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("accelerators", "h100"),
        ("grids", "deu"),
        ("models", "llama-3.1-8b"),
        ("scenarios", "my-model"),
    ],
)
def test_lists_are_objects_with_an_id(qwatt, kind, known):
    records = qwatt(f"list {kind} --json").record
    ids = [record["id"] for record in records]
    assert known in ids and len(set(ids)) == len(ids)
    assert known in qwatt(f"list {kind}").out


@pytest.mark.parametrize(
    ("name", "what", "identifier"),
    [
        ("h100", "accelerator", "h100"),
        ("A100", "accelerator", "a100-80"),
        ("de", "grid", "deu"),
        ("llama-3.1-8b", "language model", "llama-3.1-8b"),
    ],
)
def test_show_finds_by_id_and_alias(qwatt, name, what, identifier):
    record = qwatt(["show", name, "--json"]).record
    assert (record["what"], record["id"]) == (what, identifier)
    assert identifier in qwatt(["show", name]).out


def test_show_of_nothing_names_the_nearest(qwatt):
    ran = qwatt("show h1000 --json")
    assert ran.code == 2 and "h100" in ran.record["error"]["mend"]
