"""`qwatt list` and `qwatt show` of what the projection uses."""

import csv
import re
from pathlib import Path

import pytest

from qwatt.projection.scaling import all_cards
from qwatt.projection.scaling.card import NO_CARD, NOT_BUILT


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("accelerators", "h100"),
        ("grids", "deu"),
        ("models", "llama-3.1-8b"),
        ("scenarios", "my-model"),
        ("cards", "encoding/load/qram"),
        ("claims", "supremacy"),
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


def test_show_finds_a_method_that_is_only_projected(qwatt):
    card = next(card for card in all_cards().values() if not card.built and card.demands)
    record = qwatt(["show", card.id, "--json"]).record
    assert record["id"] == card.id and set(record["quantum_demand"]) == set(card.demands)
    assert record["symbols"] and record["source"]


def test_show_prints_the_formulas_of_a_card(qwatt):
    record = qwatt("show encoding/load/qram --json").record["scaling"]
    call = record["quantum_demand"]["logical"]["call"]
    assert {"vocabulary", "bits"} <= set(re.findall(r"[a-z]+", call))
    assert "bits" in record["symbols"] and record["source"]
    formula = record["primitives"]["bucket_brigade"]
    assert "4 (N - 1 - log2 N) + 4 b (N - 1) Toffoli" in formula and "arXiv:0708.1879" in formula
    shown = qwatt("show qram").out
    assert call in shown and formula in shown


def test_show_joins_a_built_method_with_its_card(qwatt):
    record = qwatt("show minhash --json").record
    assert record["file"].endswith("minhash")
    assert record["scaling"]["classical_cost"] == {"core_s": "D_raw * core_s_token"}


def test_a_name_that_several_methods_share_shows_them_all(qwatt):
    record = qwatt("show annealer --json").record
    found = {entry["scaling"]["id"] if "scaling" in entry else entry["id"] for entry in record["found"]}
    assert {"deployment/prune/annealer", "deployment/quantise/annealer"} <= found


def test_leftovers_say_so_where_they_are_listed_and_shown(qwatt):
    methods = {f"{row['task']}/{row['name']}": row for row in qwatt("list methods --json").record}
    assert methods["curation/dedup/random-keep"]["projection"] == NO_CARD
    assert methods["curation/dedup/minhash"]["projection"] == "card"
    cards = {row["id"]: row["built"] for row in qwatt("list cards --json").record}
    assert cards["tuning/adapt/qsvt"] == NOT_BUILT and cards["tuning/head/reupload"] == "yes"
    assert qwatt("show random-keep --json").record["scaling"] == NO_CARD
    assert qwatt("show tuning/adapt/qsvt --json").record["built"] == NOT_BUILT
    assert NO_CARD in qwatt("show random-keep").out


def test_every_listed_scenario_is_shown(qwatt):
    for row in qwatt("list scenarios --json").record:
        shown = qwatt(f"show {row['id']} --json").record
        (found,) = [entry for entry in shown.get("found", [shown]) if entry["what"] == "scenario"]
        assert found["name"] == row["name"]


def test_methods_of_one_task_are_listed_and_an_unknown_task_is_refused(qwatt):
    rows = qwatt("list methods monitoring/drift --json").record
    assert {row["task"] for row in rows} == {"monitoring/drift"} and len(rows) > 5
    refused = qwatt("list methods monitoring/drifft")
    assert refused.code == 2 and "did you mean monitoring/drift" in refused.err


def test_show_of_a_run_names_the_best_method_of_each_task_and_the_report(qwatt, tmp_path):
    out = str(tmp_path / "run")
    task = "curation/dedup --size xs --seeds 2 --tuning-trials 1 --method exact-hash --method minhash"
    assert qwatt(f"run {task} --out {out}").code == 0
    (place, said), *others = qwatt(["show", out, "--json"]).record["best"].items()
    assert place.startswith("curation/dedup on ") and not others
    row = next(row for row in compared(out) if row["method"] in said)
    assert row["outcome"] == "reference" and f"{row['metric']} {row['quality']:.4f}" in said
    assert f"report: {out}/report.html" in qwatt(["show", out]).out
    (tmp_path / "run" / "report.html").unlink()
    assert f"report: qwatt report {out}" in qwatt(["show", out]).out
    (tmp_path / "run" / "study.toml").unlink()
    assert qwatt(["show", out, "--json"]).record["best"].keys() == {"unknown"}


def compared(folder):
    with (Path(folder) / "comparison.csv").open(newline="") as file:
        return [row | {"quality": float(row["quality"])} for row in csv.DictReader(file)]


def test_numbers_are_written_as_people_write_them(qwatt):
    """And as numbers in JSON."""
    assert "50,000,000" in qwatt("list scenarios").out
    assert "1.1\u00a0×\u00a010¹³" in qwatt("list models").out
    shown = qwatt("show llama-3.1-8b-chat")
    assert "requests_per_day: 50,000,000\n" in shown.out and "years: 3\n" in shown.out
    assert qwatt("show llama-3.1-8b-chat --json").record["requests_per_day"] == 5e7
    for listed in ("models", "scenarios", "grids", "accelerators"):
        assert not re.search(r"\de[+-]\d|\d\.0\b", qwatt(f"list {listed}").out.replace("Llama 3.", ""))


def test_show_writes_intervals_as_such_and_no_boundary_of_what_has_none(qwatt):
    out = qwatt("show h100").out
    assert re.search(r"rent_usd_per_gpu_hour: [\d.]+ \([\d.]+ to [\d.]+\)", out)
    assert "peak_flop_per_s: 989,000,000,000,000\n" in out and "boundary: None" not in out


def test_show_says_what_a_setting_may_be(qwatt):
    assert qwatt("show coreset-qaoa --json").record["limits"] == {"points": "2 to 24", "layers": "1 to 1,000"}
    assert "  alpha: 0 to ∞\n" in qwatt("show tuning/head/mlp").out
