"""What a method needs on a QPU has one value in tables, pictures, terminal and exports."""

import csv
import json
import re
from html import unescape
from statistics import median

import pytest
from test_page import finished, make

from qwatt.core.quantity import Quantity
from qwatt.report.numbers import scaled
from qwatt.report.terminal import print_comparisons

NUMBER = r"[\d., ×⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+ (?:µJ|mJ|J|kJ|MJ|GJ|TJ|PJ)"
SKEWED = (1.0, 3.0, 2.0, 9.0, 40.0)


def skewed(spec):
    """A trial whose energies differ by seed, so that first, median and mean are three values."""
    trial, factor = finished(spec), SKEWED[spec.seed]
    for cost in trial.qpu.values():
        known = cost["energy_j"]["value"] is not None
        cost["energy_j"] |= {e: factor * cost["energy_j"][e] for e in ("value", "low", "high") if known}
    if trial.qpu:
        trial.classical_remainder = Quantity(100.0 * factor, boundary="node")
    return trial


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make(tmp_path_factory.mktemp("run"), skewed)


@pytest.fixture(scope="module")
def truth(run):
    """By label and QPU the median over seeds of modelled plus remaining energy, in words."""
    by_label = {}
    for trial in run[0].trials():
        label = trial.spec.method + (
            " (exact)" if trial.kind == "quantum" and trial.spec.shots is None else ""
        )
        by_label.setdefault(label, []).append(trial)
    return {
        (label, name): scaled(
            median(t.qpu[name]["energy_j"]["value"] + t.classical_remainder.value for t in trials), "J"
        )
        for label, trials in by_label.items()
        for name in trials[0].qpu
        if trials[0].qpu[name]["energy_j"]["value"] is not None
    }


def cells(text):
    for line in re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.S):
        yield [
            unescape(re.sub(r"<[^>]*>", "", c)).strip()
            for c in re.findall(r"<td[^>]*>(.*?)</td>", line, re.S)
        ]


def shown_on_the_page(text):
    """Yield (place, label, QPU, value) of every energy on a QPU that the page shows."""
    text = text.replace("\u00a0", " ")
    for title in re.findall(r"<title>([^<]* on [^<]*)</title>", text):
        label, name, value = re.match(rf"(.*) on (.*): ({NUMBER})", unescape(title)).groups()
        if name != "this machine":
            yield "tooltip", label, name, value
    for row in cells(text):
        if len(row) == 8 and row[2] in ("yes", "no") and row[4][0].isdigit():
            yield "every QPU", row[0], row[1], re.match(NUMBER, row[4]).group()
        elif found := re.match(rf"(\S+): ({NUMBER}) \(.*modelled", row[-1] if row else ""):
            label = re.sub(r"( ◆)? (classical|quantum|inspired|control)$", "", row[0])
            yield "cheapest QPU", label, *found.groups()
    for label, name, value in re.findall(
        rf"<b>([^<]*)</b>\. Equal quality.*?(\w+)\)? would need ({NUMBER})", text
    ):
        yield "verdict", label, name, value


def test_every_place_of_the_page_shows_the_median_of_the_whole_trial(run, truth):
    shown = list(shown_on_the_page(run[1]))
    assert {place for place, *_ in shown} >= {"tooltip", "every QPU", "cheapest QPU", "verdict"}
    for place, label, name, value in shown:
        assert value == truth[label, name], (place, label, name)
    controls = {t.spec.method for t in run[0].trials() if t.kind == "control"}
    judged = {pair for pair in truth if pair[0] not in controls}
    for place, wanted in (("tooltip", set(truth)), ("every QPU", judged)):
        assert {(label, name) for p, label, name, _ in shown if p == place} == wanted


def test_exports_hold_the_same_value(run, truth):
    for comparison in json.loads((run[0].path / "comparison.json").read_text()):
        for row in comparison["rows"]:
            for found in (row["qpu"], row["qpu_any"]):
                if found is not None:
                    assert scaled(found["energy"]["value"], "J") == truth[row["label"], found["id"]]
    with (run[0].path / "comparison.csv").open(encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file) if line["qpu"]]
    assert lines
    for line in lines:
        label = line["method"] + ("" if line["shots"] else " (exact)")
        assert scaled(float(line["qpu_j"]), "J") == truth[label, line["qpu"]]


def test_the_terminal_shows_the_same_value(run, truth, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "250")
    print_comparisons(run[0].path)
    out = capsys.readouterr().out
    found = re.findall(rf"^ *(reupload\S*(?: \(exact\))?) .* (\w+)\*? +({NUMBER}) *$", out, re.M)
    assert found
    for label, name, value in found:
        assert value.strip() == truth[label, name]


def test_the_energy_beside_the_phases_is_that_of_the_table(run):
    rows = json.loads((run[0].path / "comparison.json").read_text())[0]["rows"]
    picture = next(part for part in run[1].split("<svg ") if "energy by phase" in part).split("</svg>")[0]
    words = [unescape(w) for w in re.findall(r"<text[^>]*>([^<]*)</text>", picture)]
    for row in rows:
        assert words[words.index(row["label"]) + 1] == scaled(row["energy"]["value"], "J")


def test_a_machine_that_can_run_it_is_never_covered_by_one_that_cannot(run):
    picture = next(part for part in run[1].split("<svg ") if "three energies" in part).split("</svg>")[0]
    lanes = {}
    for y, title in re.findall(
        r'<circle cx="[^"]*" cy="([^"]*)"[^>]*><title>([^<]* on [^<]*)</title>', picture
    ):
        lanes.setdefault(y, []).append("not executable" not in title)
    assert any(len(set(lane)) == 2 for lane in lanes.values())
    assert all(lane == sorted(lane) for lane in lanes.values())
