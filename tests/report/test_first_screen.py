"""The first screen and the box to file say what the run folder and the projection hold, by rules."""

import dataclasses
import json
import math
import re
from html import unescape

import pytest
from test_page import EVIL, Page, finished, make

from qwatt.core.quantity import Quantity
from qwatt.projection.project import project
from qwatt.projection.scenario.file import load_scenario
from qwatt.report import comparisons_of, subject_of, write_report
from qwatt.report.filing import filed_amount
from qwatt.report.first.headline import of_life, of_run
from qwatt.report.first.stages import Measured, _rank, article, stage_cells
from qwatt.report.parts.to_file import digest
from qwatt.report.projection.amounts import value_and_interval


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """A run folder with page, comparison.json and projection.json beside each other."""
    folder, _, _ = make(tmp_path_factory.mktemp("life"), finished)
    projection = project(load_scenario("my-model"), draws=200, seed=1, run_folder=folder)
    page = write_report(folder, projection).read_text(encoding="utf-8")
    return folder, projection, page, json.loads((folder.path / "projection.json").read_text())


def section(page, name):
    start = page.index(f'<section id="{name}">')
    return page[start : page.index("</section>", start)]


def test_the_figures_of_the_life_are_the_folder_s(life):
    _, _, page, record = life
    shown = re.findall(r'<div class="fig1"><b>([^<]*)</b>', page)
    total = record["total"]
    wanted = [total["energy_kwh"]["facility"], total["co2e_kg"], total["usd"]]
    assert shown == [value_and_interval(Quantity.from_record(one))[0] for one in wanted]
    for one in wanted:
        assert value_and_interval(Quantity.from_record(one))[1] in section(page, "answer")


def test_the_row_of_stages_holds_the_measured_joules_of_the_folder(life):
    folder, projection, page, _ = life
    (row,) = [cell for cell in stage_cells(subject_of(folder, projection)) if cell.measured]
    rows = {r["label"]: r for r in json.loads((folder.path / "comparison.json").read_text())[0]["rows"]}
    best = row.measured
    assert row.stage == "tuning" and rows[best.classical]["outcome"] == "reference"
    assert rows[best.quantum]["kind"] == "quantum"
    cost = (rows[best.quantum]["qpu"] or rows[best.quantum]["qpu_any"])["energy"]["value"]
    assert best.powers == pytest.approx(math.log10(cost / rows[best.classical]["ets"]["value"]))
    answer = section(page, "answer")
    assert f"<b>{best.powers:.1f}</b> today" in answer and "simulated" in answer and "modelled QPU" in answer
    assert answer.count("<li>") == 7


def test_the_best_levers_are_those_to_be_used_now_with_their_savings(life):
    _, _, page, record = life
    names = re.findall(r'<th scope="row"><b>([^<]*)</b>', section(page, "answer"))
    levers = {lever["name"]: lever for lever in record["levers"]}
    assert 0 < len(names) <= 3
    for name in map(unescape, names):
        assert levers[name]["verdict"] == "use now" and not levers[name]["in_place"]
    saved = [levers[unescape(name)]["saved_kwh"]["value"] for name in names]
    assert saved == sorted(saved, reverse=True)


def test_a_life_without_a_lever_says_so(life):
    record = life[3] | {"levers": []}
    assert of_life(record)[0].startswith("No lever of any kind saves on this model today.")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("use now", "to be used now"),
        ("pilot", "worth a pilot"),
        ("watch", "to be watched"),
        ("do not", "No quantum lever is likely to pay by 2050."),
    ],
)
def test_the_headline_follows_the_verdicts(life, verdict, words):
    entries = [dict(entry) | {"verdict": "do not"} for entry in life[3]["enhancements"]]
    next(entry for entry in entries if entry["kind"] == "quantum")["verdict"] = verdict
    assert words in of_life(life[3] | {"enhancements": entries})[0]


def test_a_run_without_a_scenario_says_how_to_add_one(tmp_path):
    folder, text, page = make(tmp_path, finished)
    head, below = of_run(subject_of(folder))
    assert "No quantum method needs less energy" in head and "--scenario" in below
    assert unescape(head) in page.text and "The whole life takes" not in text


def test_the_text_to_file_holds_the_folder_s_numbers(life):
    _, _, page, record = life
    text = unescape(re.search(r'<pre id="filetext"[^>]*>(.*?)</pre>', page, re.S)[1])
    total = record["total"]
    for quantity, unit in (
        (total["energy_kwh"]["facility"], "MWh"), (total["co2e_kg"], "t"), (total["water_l"], "m3"),
        (total["embodied_kgco2e"], "t"), (total["usd"], "USD"),
    ):  # fmt: skip
        assert filed_amount(Quantity.from_record(quantity), unit) in text
    for words in ("Basis: modelled", "Boundary: facility", "Scope:", "90 % intervals", "seed 1", "200 draws"):
        assert words in text
    assert digest(record) in text, "of the projection.json that lies beside the page"
    assert text.isascii(), "it is pasted into other systems"


@pytest.mark.parametrize(
    ("quantity", "unit", "text"),
    [
        (Quantity(5_818_360.0, 3_153_184.0, 13_937_024.0, "kWh"), "MWh", "5820 MWh (3150 to 13900 MWh)"),
        (Quantity(12.34, unit="kWh"), "MWh", "0.0123 MWh"),
        (Quantity(0.0, unit="kgCO2e"), "t", "0 t"),
        (Quantity.unknown("no grid", "kgCO2e"), "t", "unknown (no grid)"),
    ],
)
def test_filed_amounts_have_one_unit_and_no_exponent(quantity, unit, text):
    assert filed_amount(quantity, unit) == text


def test_a_run_s_text_sums_its_trials(tmp_path):
    folder, text, _ = make(tmp_path, finished)
    filed = unescape(re.search(r'<pre id="filetext"[^>]*>(.*?)</pre>', text, re.S)[1])
    trials = [t for c in comparisons_of(folder) for row in c.rows for t in row.trials]
    joules = sum(trial.host_energy.value for trial in trials)
    assert f"{len(trials)} finished trials" in filed and filed_amount(Quantity(joules), "kJ") in filed
    assert "estimated:cpu_time" in filed and "node" in filed


def test_names_of_levers_and_scenario_are_escaped(life):
    folder, projection, _, _ = life
    scenario = projection.scenario.model_copy(update={"name": EVIL})
    levers = [dataclasses.replace(lever, name=EVIL) for lever in projection.levers]
    cycle = dataclasses.replace(projection.cycle, scenario=scenario)
    evil = dataclasses.replace(projection, scenario=scenario, levers=tuple(levers), cycle=cycle)
    text = write_report(folder, evil).read_text(encoding="utf-8")
    Page(text)
    assert "<script>alert" not in text and text.count("&lt;script&gt;") > 5


def test_quality_goes_before_distance_where_a_stage_has_several_tasks():
    def task(outcome, powers):
        return Measured("tuning/x", "x", "c", None, "q", outcome, None, "", None, False, powers)

    found = sorted(
        [task("worse", 1.0), task("undecided", 2.0), task("not worse", 9.0), task("", None)], key=_rank
    )
    assert [one.outcome for one in found] == ["not worse", "undecided", "worse", ""]
    assert min([task("worse", 5.0), task("worse", 3.0)], key=_rank).powers == 3.0


def test_ratings_of_several_rows_are_a_range():
    rows = [{"article": {"time_scale": t, "potential": p}} for t, p in (("long", "low"), ("near", "low"))]
    assert article(rows) == "near to long term, low potential"


def test_no_number_on_the_page_has_an_exponent_of_computers(life):
    text = re.sub(r"<(script|style|pre|code)[^>]*>.*?</\1>", "", life[2], flags=re.S)
    words = unescape(re.sub(r"<[^>]*>", " ", text))
    formulas = r"\w+: |=|\*\*|min\(|max\("
    found = [m[0] for m in re.finditer(r".{40}(?<![\w.])\d+(?:\.\d+)?e[+-]?\d+\b.{20}", words)]
    assert [one for one in found if not re.search(formulas, one)] == []
