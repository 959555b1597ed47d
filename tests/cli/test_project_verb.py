"""`qwatt project`: its contract, its files, what anchors it, and refusals that can be mended."""

import csv
import json
import re
from pathlib import Path

import pytest

VERDICTS = {"use now", "pilot", "watch", "do not"}
STAGES = ["curation", "encoding", "architecture", "training", "tuning", "deployment", "monitoring"]
SMALL = "project my-model --draws 200 --seed 1"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A working folder without runs; shipped scenarios are found all the same."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_json_keeps_its_contract(qwatt, elsewhere):
    ran = qwatt(SMALL + " --json")
    assert ran.code == 0, ran.err
    record = ran.record
    assert [stage["stage"] for stage in record["stages"]] == STAGES
    for stage in record["stages"]:
        energy = stage["energy_kwh"]["facility"]
        assert energy["unit"] == "kWh" and energy["low"] <= energy["value"] <= energy["high"]
    assert {entry["stage"] for entry in record["enhancements"]} == set(STAGES)
    for entry in record["enhancements"]:
        assert entry["verdict"] in VERDICTS and entry["why"] and entry["article"]["potential"]
        chances = list(entry["p_advantage"].values())
        assert len(chances) == 25 and chances == sorted(chances) and 0 <= chances[0] <= chances[-1] <= 1
        assert entry["break_even"]["p_never"] == pytest.approx(1 - chances[-1])
    assert {claim["finding"] for claim in record["claims"]} <= {"supported", "contradicted", "undecided"}


def test_files_agree_with_each_other(qwatt, elsewhere):
    record = qwatt(SMALL + " --json").record
    folder = elsewhere / "runs" / "project-my-model"
    assert record["report"] == str((folder / "report.html").relative_to(elsewhere))
    kept = json.loads((folder / "projection.json").read_text())
    assert kept == {key: value for key, value in record.items() if key != "report"}
    with (folder / "projection.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["id"] for row in rows] == [entry["id"] for entry in kept["enhancements"]]
    assert float(rows[0]["p_advantage_2050"]) == kept["enhancements"][0]["p_advantage"]["2050"]
    first = kept["enhancements"][0]
    assert float(rows[0]["distance_2050"]) == first["distance"]["2050"] and rows[0]["limit"] == first["limit"]
    assert float(rows[0]["ceiling_usd"]) == first["ceiling"]["usd"] and rows[0]["expires"] == first["expires"]
    with (folder / "life_cycle.csv").open() as stream:
        stages = list(csv.DictReader(stream))
    assert [row["stage"] for row in stages] == [*STAGES, "whole life"]
    parts = sum(float(row["energy_kwh"]) for row in stages[:-1])
    assert parts == pytest.approx(float(stages[-1]["energy_kwh"]))


def test_equal_seeds_give_equal_projections(qwatt, elsewhere):
    one, same, other = (
        qwatt(f"project smollm2-edge --draws 200 --seed {seed} --out {name} --json").record["enhancements"]
        for seed, name in ((1, "a"), (1, "b"), (2, "c"))
    )
    assert one == same and one != other


def test_tables_show_stages_verdicts_and_claims(qwatt, elsewhere):
    ran = qwatt(SMALL + " --out here --full")
    assert ran.code == 0
    for words in ("whole life", "Verdicts", "Bucket-brigade QRAM lookup", "contradicted", "here/report.html"):
        assert words in ran.out


def test_without_full_it_is_one_screen(qwatt, elsewhere):
    ran = qwatt(SMALL + " --out here")
    assert ran.code == 0 and len(ran.out.splitlines()) < 40
    entries = json.loads(Path("here/projection.json").read_text())["enhancements"]
    shown = ran.out.rpartition("nearest to paying")[2].splitlines()
    for stage in STAGES:
        here = [entry for entry in entries if entry["stage"] == stage]
        [line] = [line for line in shown if line.startswith(stage)]
        levers = [entry for entry in here if entry["kind"] != "none"]
        counts = re.findall(r"\b(\d+)(?= (?:use|pilot|watch|do)|: )", line)
        assert len(levers) == sum(map(int, counts)) or len(levers) == 1
        far = {e["name"]: e["distance"][max(e["distance"])] for e in here if e["distance"]}
        nearest = min((name for name, x in far.items() if x is not None), key=lambda name: far[name])
        assert nearest in line
    for words in ("whole life, with 90 % interval: ", "claims of the article", "--full", "here/report.html"):
        assert words in ran.out


def test_a_scenario_file_of_ones_own(qwatt, elsewhere):
    text = (
        'name = "tiny <&>"\n[model]\nparams = 1e9\n[training]\naccelerator = "a100"\ntokens = 2e10\n'
        '[deployment]\naccelerator = "l4"\nrequests_per_day = 100\ninput_tokens = 100\noutput_tokens = 50\n'
        "years = 1\n"
    )
    (elsewhere / "tiny.toml").write_text(text)
    record = qwatt("project tiny.toml --draws 100 --json").record
    assert (record["scenario"], record["name"]) == ("tiny", "tiny <&>")
    page = (elsewhere / "runs" / "project-tiny" / "report.html").read_text()
    assert "tiny &lt;&amp;&gt;" in page and "tiny <&>" not in page


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("project my-modle", ("my-modle", "my-model")),
        ("project my-model --draws 5", ("draws", "5", "100")),
        ("project my-model --draws many", ("draws", "many")),
        ("project my-model --seed -1", ("seed", "-1")),
        ("project my-model --run nowhere", ("nowhere", "no such folder")),
        ("project my-model --draws 100 --out taken", ("taken", "--out")),
        ("project broken.toml", ("broken.toml", "tokens", "-1e+12")),
        ("project torn.toml", ("torn.toml", "TOML")),
    ],
)
def test_bad_input_is_refused_by_name(qwatt, elsewhere, line, words):
    (elsewhere / "taken").write_text("")
    (elsewhere / "torn.toml").write_text("name = ")
    (elsewhere / "broken.toml").write_text(
        'name = "b"\n[model]\nparams = 1e9\n[training]\naccelerator = "a100"\ntokens = -1e12\n'
        '[deployment]\naccelerator = "l4"\nrequests_per_day = 1\ninput_tokens = 1\noutput_tokens = 1\n'
        "years = 1\n"
    )
    ran = qwatt(line + " --json")
    assert ran.code == 2
    told = json.dumps(ran.record["error"])
    for word in words:
        assert word in told, told
