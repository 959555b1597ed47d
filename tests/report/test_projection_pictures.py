"""The projection's pictures: well-formed, escaped, to scale, and without false certainty."""

import dataclasses
import itertools
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.quantity import Quantity
from qwatt.report.layout import PHONE, untitled
from qwatt.report.projection.amounts import amount, chance, digits, percent, value_and_interval, with_interval
from qwatt.report.projection.axes import YearAxis, chance_opacity
from qwatt.report.projection.break_even import BreakEven, break_even_bars
from qwatt.report.projection.heat_map import HeatRow, heat_map, shortened
from qwatt.report.projection.life_cycle import StageBar, life_cycle_picture
from qwatt.report.projection.near_or_worth import near_or_worth
from qwatt.report.projection.ruler import Far, ruler
from qwatt.report.projection.tornado import Swing, tornado

SVG = "{http://www.w3.org/2000/svg}"
EVIL = '<b onclick="x()">&'


def parsed(picture):
    return ElementTree.fromstring(picture)


def texts(picture):
    return [node.text for node in parsed(picture).iter(f"{SVG}text")]


def test_heat_map_has_a_cell_for_every_row_and_year():
    rows = [HeatRow("curation", EVIL, {2026: 0.0, 2027: 0.5, 2028: 1.0}), HeatRow("encoding", "none", {})]
    picture = heat_map(rows)
    drawn = parsed(picture).findall(f"{SVG}path")
    best, cells = drawn[:3], drawn[3:]
    assert [float(cell.get("fill-opacity")) for cell in cells] == [chance_opacity(p) for p in (0.0, 0.5, 1.0)]
    assert best[2].find(f"{SVG}title").text == "best of curation, 2028: >99.9\u00a0%"
    assert cells[0].find(f"{SVG}title").text == f"{EVIL}, 2026: <0.1\u00a0%"
    assert "no quantum method is known" in texts(picture) and ">99.9\u00a0%" in texts(picture)
    assert heat_map([]) == ""


def test_years_of_one_chance_are_cells_that_are_told_together():
    row = HeatRow("curation", "a", {2026: 0.0, 2027: 0.0, 2028: 0.5, 2029: 0.5})
    cells = parsed(heat_map([row])).findall(f"{SVG}path")[2:]
    titles = [cell.find(f"{SVG}title").text for cell in cells]
    assert titles == ["a, 2026 to 2027: <0.1\u00a0%", "a, 2028 to 2029: 50\u00a0%"]
    lefts = [float(part.partition(" ")[0]) for cell in cells for part in cell.get("d").split("M")[1:]]
    steps = [right - left for left, right in itertools.pairwise(lefts)]
    assert len(lefts) == 4 and max(steps) - min(steps) < 0.2, "a cell a year, to scale"


def test_a_stage_is_as_probable_as_its_best_enhancement():
    rows = [HeatRow("tuning", "a", {2026: 0.1, 2027: 0.2}), HeatRow("tuning", "b", {2026: 0.0, 2027: 0.6})]
    titles = [node.text for node in parsed(heat_map(rows)).iter(f"{SVG}title")]
    assert titles[:2] == ["best of tuning, 2026: 10\u00a0%", "best of tuning, 2027: 60\u00a0%"]


@given(st.floats(0, 1), st.floats(0, 1))
def test_cells_darken_with_the_chance(p, q):
    low, high = sorted((p, q))
    assert chance_opacity(low) <= chance_opacity(high)


def test_break_even_ends_open_where_the_upper_percentile_never_comes():
    closed = break_even_bars([BreakEven("a", 2030, 2035, 2040, 0.0)], 2026, 2050)
    opened = break_even_bars([BreakEven("a", 2030, None, None, 0.7)], 2026, 2050)
    never = break_even_bars([BreakEven(EVIL, None, None, None, 1.0)], 2026, 2050)
    assert "<path" not in closed and "<path" in opened
    assert len(parsed(closed).findall(f"{SVG}circle")) == 1
    assert "70\u00a0%" in texts(opened) and not parsed(opened).findall(f"{SVG}circle")
    assert any("not before 2050" in word for word in texts(never)) and EVIL in texts(never)


def test_break_even_line_is_to_scale():
    axis = YearAxis(2026, 2050, 280, 690)
    (span,) = [
        node
        for node in parsed(break_even_bars([BreakEven("a", 2030, 2035, 2040, 0.0)], 2026, 2050))
        if node.get("class") == "span"
    ]
    assert float(span.get("x1")) == pytest.approx(axis.x(2030), abs=0.1)
    assert float(span.get("x2")) == pytest.approx(axis.x(2040), abs=0.1)


def test_tornado_is_sorted_and_cut():
    swings = [Swing(f"small {i}", 9.0, 11.0) for i in range(9)] + [Swing("large", 0.1, 1e4)]
    words = texts(tornado(swings, "title", most=4))
    names = [word for word in words if word.startswith(("small", "large"))]
    assert names[0] == "large" and len(names) == 4
    assert tornado([], "title") == ""


def _far(name, last, stage="tuning", **changes):
    distance = {2026: None if last is None else last + 1, 2030: last, 2050: last}
    far = Far(stage, name, distance, 1.0, 4.0, "hardware", 1e-4, True)
    return dataclasses.replace(far, **changes)


def test_the_ruler_says_every_distance_with_its_limit():
    rows = [_far(EVIL, 2.5), _far("unbounded", None, limit="size"), _far("pays", -0.4, limit="quality")]
    picture = parsed(ruler(rows))
    words = [element.text for element in picture.iter() if element.text]
    assert "2.5, hardware" in words and "beyond any number, size" in words and "-0.4, quality" in words
    circles = [e for e in picture.iter() if e.tag.endswith("circle")]
    assert len(circles) == 4, "a ring and a dot for each of the two that have a number"
    assert ruler([]) == "" and ruler([_far("unbounded", None)]) == ""


def test_a_hollow_dot_is_what_no_machine_runs_and_a_larger_one_would_save_more():
    hollow, filled = (ruler([_far("one", 2.0, runs=runs)]) for runs in (False, True))
    assert hollow.count('fill="var(--bg)"') == filled.count('fill="var(--bg)"') + 1
    radii = [_far("x", 1.0, share=share).radius for share in (None, 1e-9, 1e-5, 5e-3, 0.5)]
    assert radii == sorted(radii) and radii[1] < radii[-1]


def test_the_ruler_has_the_same_ends_in_every_report():
    near, far = (parsed(ruler([_far("one", last)])) for last in (0.5, 20.0))
    grids = [
        [e.get("x1") for e in picture.iter() if e.tag.endswith("line") and e.get("class") == "grid"]
        for picture in (near, far)
    ]
    assert grids[0] == grids[1] and len(grids[0]) >= 8


def test_near_or_worth_names_the_nearest_and_the_most_worthwhile_with_their_limits():
    rows = [_far(f"method {i}", float(i), share=10.0 ** (i - 12)) for i in range(1, 11)]
    picture = parsed(near_or_worth([*rows, _far("nothing", 1.0, share=0.0)]))
    labels = [e.text for e in picture.iter() if e.text and e.text.startswith("method") and "(" in e.text]
    assert {label.split(" (")[0] for label in labels} == {f"method {i}" for i in (1, 2, 3, 8, 9, 10)}
    assert all(label.endswith("(hardware)") for label in labels)
    heights = sorted(float(e.get("y")) for e in picture.iter() if e.text in labels)
    assert all(b - a >= 13.9 for a, b in itertools.pairwise(heights))
    assert near_or_worth([]) == ""


def test_life_cycle_names_what_is_unknown_and_what_is_nothing():
    share = Quantity.unknown("why", "1")
    bars = [
        StageBar("training", Quantity(3.6e9, 3.6e8, 3.6e10, "J"), Quantity(0.5, 0.4, 0.6, "1")),
        StageBar("tuning", Quantity(0.0, unit="kWh"), share),
        StageBar("deployment", Quantity.unknown("no power", "kWh"), share),
    ]
    words = texts(life_cycle_picture(bars))
    assert any(word.startswith("1\u00a0MWh") for word in words)
    assert "unknown" in words and any("nothing" in word for word in words)
    assert life_cycle_picture(bars[2:]) == ""


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0, "0 %"), (1e-6, "<0.1 %"), (0.004, "0.4 %"), (0.5, "50 %"), (0.9999, ">99 %"), (1.0, "100 %")],
)
def test_percentages_claim_no_false_certainty(p, words):
    assert percent(p) == words.replace(" ", "\u00a0")


def test_a_drawn_probability_is_never_certain():
    assert [chance(p).replace("\u00a0", " ") for p in (0.0, 0.02, 0.5, 0.9951, 1.0)] == [
        "<0.1 %",
        "2 %",
        "50 %",
        "99.5 %",
        ">99.9 %",
    ]


def test_amounts_climb_their_ladder():
    assert amount(1.2345e6, "kWh") == "1.23\u00a0GWh"
    assert amount(0.0, "kWh") == "0\u00a0kWh"
    assert digits(1_234_567.0) == "1,230,000"
    assert value_and_interval(Quantity(3.6e6, 1.8e6, 7.2e6, "J")) == ("3.6\u00a0MJ", "1.8 to 7.2")
    assert value_and_interval(Quantity(2.0, unit="tCO2e")) == ("2\u00a0t CO₂e", "")
    assert with_interval(Quantity.unknown("why")) == "unknown: why"


@given(st.floats(1e-6, 1e11))
def test_a_written_energy_is_the_energy_within_rounding(kwh):
    number, unit = amount(kwh, "kWh").rsplit("\u00a0", 1)
    factor = {"mJ": 1 / 3.6e9, "J": 1 / 3.6e6, "Wh": 1e-3, "kWh": 1.0, "MWh": 1e3, "GWh": 1e6, "TWh": 1e9}[
        unit
    ]
    assert float(number.replace("\u00a0", "")) * factor == pytest.approx(kwh, rel=0.005)
    assert float(number.replace("\u00a0", "")) >= 1


def test_labels_are_cut_at_words():
    assert shortened("one two three", 40) == "one two three"
    assert shortened("one two three", 9) == "one two…"


def test_on_a_phone_names_stand_above_their_rows_and_nothing_leaves_the_picture():
    rows = [HeatRow("curation", "a", {2026: 0.0, 2027: 0.0, 2028: 1.0})]
    far = [_far("one", 2.5), _far("two", 25.0)]
    never = [BreakEven("a", 2030, 2035, None, 0.7)]
    swings = [Swing("x", 0.1, 1e4)]
    for picture in (
        heat_map(rows, PHONE),
        ruler(far, PHONE),
        break_even_bars(never, 2026, 2050, PHONE),
        tornado(swings, "title", layout=PHONE),
    ):
        root = parsed(picture)
        width, height = map(float, root.get("viewBox").split()[2:])
        assert width == PHONE.width
        for node in root.iter():
            for name, most in (("x", width), ("x1", width), ("x2", width), ("cx", width), ("y", height)):
                assert -1 <= float(node.get(name, 0)) <= most + 1, ElementTree.tostring(node)
    cells = list(parsed(heat_map(rows, PHONE)).iter(f"{SVG}rect"))
    assert len(cells) == 4, "years of one chance are one cell, of the stage and of its row"
    assert untitled("<g><title>a &amp; b</title></g>") == "<g></g>"
