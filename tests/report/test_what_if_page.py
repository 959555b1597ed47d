"""The page's what-if: its answers are Python's, it says what is held, and it is usable by all means."""

import dataclasses
import json
import random

import pytest
from browser import asked

from qwatt.projection.project import project
from qwatt.projection.scenario.file import load_scenario
from qwatt.projection.whatif import own_settings, whatif
from qwatt.projection.whatif.duels import WORDS
from qwatt.projection.whatif.settings import RANGES
from qwatt.report.page import render
from qwatt.report.parts import what_if
from qwatt.report.projection.amounts import amount
from qwatt.report.subject import Subject
from qwatt.report.whatif.rows import followed, left, power

EVIL = '</script><script>failures.push("ran")</script>"><b>\' &amp; {{ 7*7 }}'
SET = """
    const form = document.getElementById("what-if-form");
    const set = (name, value) => {
      form.elements[name].value = value;
      form.elements[name].dispatchEvent(new Event("input", { bubbles: true }));
    };
    const text = (css) => document.querySelector(css).textContent;
    const later = () => new Promise((done) => setTimeout(done, 300));
"""


@pytest.fixture(scope="module")
def projection():
    return project(load_scenario("my-model"), draws=100, seed=1)


@pytest.fixture(scope="module")
def page(projection):
    return render(Subject(projection.scenario.name, projection=projection))


def settings_like(own, count):
    """Return the page's own settings, its corners, and settings anywhere in between."""
    rng = random.Random(5)

    def near(name):
        low, high = RANGES[name]
        value = own.numbers()[name] * 10 ** rng.uniform(-3, 3)
        return min(max(value, low), high)

    drawn = [
        {name: near(name) for name in RANGES}
        | {"year": rng.randint(2026, 2050), "roadmap": rng.choice(["history", "vendor"])}
        for _ in range(count)
    ]
    one = [{"params": 7.3e10}, {"requests_per_day": 12.0}, {"kg_per_kwh": 0.0}, {"two_qubit_error": 1e-4}]
    return [own, *(dataclasses.replace(own, **change) for change in (*one, *drawn))]


def test_a_dozen_answers_are_pythons(projection, page, tmp_path):
    every = settings_like(own_settings(projection), 9)
    given = json.dumps([dataclasses.asdict(settings) for settings in every])
    script = f"""return {given}.map((settings) => Object.fromEntries(
        Object.entries(whatIf.answers(settings)).map(([name, number]) => [name, String(number)])));"""
    found = [{k: float(v) for k, v in answers.items()} for answers in asked(page, script, tmp_path)]
    levers = followed(projection)
    for settings, numbers in zip(every, found, strict=True):
        answer = whatif(projection, settings, levers)
        for name in ("kwh", "co2e_kg", "usd", "electricity_usd"):
            assert numbers[name] == pytest.approx(getattr(answer, name), rel=1e-9), name
        for stage, kwh in answer.stages.items():
            assert numbers[f"stage {stage}"] == pytest.approx(kwh, rel=1e-9), stage
        for lever, saved in answer.levers.items():
            for part, value in saved.items():
                assert numbers[f"lever {lever} {part}"] == pytest.approx(value, rel=1e-9), lever
        for name, distance in answer.distance.items():
            assert numbers[f"distance {name}"] == pytest.approx(distance, rel=1e-9, abs=1e-9), name
            limit = WORDS[int(numbers[f"limit {name}"])]
            assert limit == answer.limit[name], name


def test_what_a_reader_sees(projection, page, tmp_path):
    own = own_settings(projection)
    script = f"""{SET}
        const start = text("#if-said"), first = text('[data-output="kwh"] .now');
        set("params", 70); set("year", 2040); set("two_qubit_error", 0.001); set("shot_speed", 1e6);
        await later();
        const rows = [...document.querySelectorAll("#if-far tr[data-far]")];
        const seen = Object.fromEntries(rows.map((row) => [row.dataset.far,
          [row.querySelector(".distance").textContent, row.querySelector(".limit").textContent]]));
        const changed = {{ kwh: text('[data-output="kwh"] .now'), change: text('[data-output="kwh"] .change'),
          said: text("#if-said"), scenario: text("#if-scenario"), seen,
          shown: rows.filter((row) => !row.hidden).length }};
        document.getElementById("if-all").click();
        const all = rows.filter((row) => !row.hidden).length;
        dispatchEvent(new Event("beforeprint"));
        const printed = text('[data-output="kwh"] .now');
        dispatchEvent(new Event("afterprint"));
        const after = text('[data-output="kwh"] .now');
        form.reset(); await later();
        return {{ start, first, ...changed, all, printed, after, back: text('[data-output="kwh"] .now'),
          live: document.getElementById("if-said").getAttribute("aria-live") }};"""
    found = asked(page, script, tmp_path)
    there = dataclasses.replace(own, params=7e10, year=2040, two_qubit_error=0.001, shot_speed=1e6)
    answer, before = whatif(projection, there), whatif(projection, own)
    assert found["start"] == "These are the page's own values." and found["live"] == "polite"
    assert found["first"] == found["printed"] == found["back"] == amount(before.kwh, "kWh")
    assert found["kwh"] == found["after"] == amount(answer.kwh, "kWh") != found["first"]
    assert "times; page: " in found["change"] and amount(answer.kwh, "kWh") in found["said"]
    assert "[model] params = 70000000000" in found["scenario"] and "error" not in found["scenario"]
    assert found["shown"] == what_if.SHOWN and found["all"] == len(answer.distance)
    for name, (distance, limit) in found["seen"].items():
        assert distance.removeprefix("pays: ") == power(answer.distance[name]), name
        assert limit == left(answer, name), name
        assert limit in WORDS or (distance.startswith("pays") and answer.limit[name] == "hardware")


def test_a_number_out_of_range_is_named_and_nothing_else_changes(page, tmp_path):
    script = f"""{SET}
        const before = text('[data-output="kwh"] .now');
        set("params", -3); await later();
        return {{ same: before === text('[data-output="kwh"] .now'), said: text("#if-said"),
          invalid: form.elements.params.getAttribute("aria-invalid") }};"""
    found = asked(page, script, tmp_path)
    assert found["same"] and found["invalid"] == "true"
    assert found["said"].startswith("Model size: give a number from ")


def test_every_field_has_a_name_and_a_keyboard(page, tmp_path):
    script = f"""{SET}
        const fields = [...form.querySelectorAll("input, select, button")];
        const named = fields.every((f) => f.type === "reset" || f.labels?.length || f.ariaLabel);
        const slider = form.querySelector('input[data-moves="requests_per_day"]');
        slider.value = 1; slider.dispatchEvent(new Event("input", {{ bubbles: true }}));
        return {{ named, moved: form.elements.requests_per_day.value, count: fields.length,
          reached: fields.every((f) => f.tabIndex >= 0) }};"""
    found = asked(page, script, tmp_path)
    assert found["named"] and found["reached"] and found["count"] > 15
    assert float(found["moved"]) == pytest.approx(10 * 0.2)


def test_names_that_people_wrote_stay_text(projection, tmp_path):
    entries = tuple(dict(entry) | {"name": EVIL} for entry in projection.enhancements)
    levers = tuple(dataclasses.replace(lever, name=EVIL) for lever in projection.levers)
    evil = dataclasses.replace(projection, enhancements=entries, levers=levers)
    page = render(Subject(EVIL, projection=evil))
    script = f"""{SET}
        set("params", 70); await later();
        return [text("#if-said"), text("#if-far tbody th"), text("#if-levers tbody th")];"""
    said, far, lever = asked(page, script, tmp_path)
    assert EVIL in said and far.startswith(EVIL) and lever.startswith(EVIL)


def test_what_is_held_is_said(page):
    for line in what_if.HELD:
        assert line.split(",")[0].replace("'", "&#39;") in page


def test_without_a_script_the_own_values_stand_there(projection, page):
    answer = whatif(projection, own_settings(projection))
    assert f'<div class="now">{amount(answer.kwh, "kWh")}</div>' in page
    assert '<form id="what-if-form" class="if-form" hidden' in page and "<noscript>" in page


def test_a_phone_shows_it_without_scrolling_sideways(page, tmp_path):
    script = """const root = document.documentElement, part = document.getElementById("what-if");
        return [root.clientWidth, root.scrollWidth,
          Math.max(...[...part.querySelectorAll("*")].map((e) => e.getBoundingClientRect().right))];"""
    width, whole, right = asked(page, script, tmp_path, width=390)
    assert width <= 500 and whole <= width and right <= width + 1


def test_free_qpus_leave_nothing_to_ask(projection):
    free = dataclasses.replace(projection, assumptions=dict(projection.assumptions) | {"free_qpu": True})
    found = what_if.part(Subject("free", projection=free))
    assert found is not None and "QPUs take nothing" in found.body and found.script == ""
