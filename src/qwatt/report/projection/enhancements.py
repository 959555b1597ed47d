"""The enhancements' part of the page: verdict lines, pictures over years, risk cards, from their records."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.core.quantity import J_PER_KWH
from qwatt.report.layout import PHONE, Layout
from qwatt.report.projection.amounts import amount, chance, ends, times
from qwatt.report.projection.break_even import WIDE as BREAK_EVEN_WIDE
from qwatt.report.projection.break_even import BreakEven, break_even_bars
from qwatt.report.projection.heat_map import WIDE as HEAT_WIDE
from qwatt.report.projection.heat_map import HeatRow, heat_map
from qwatt.report.projection.needs_text import again_text, ceiling_text, futures_text, needs_text
from qwatt.report.projection.rows import Enhancement, Picture, Risk, StageGroup
from qwatt.report.projection.tornado import WIDE as TORNADO_WIDE
from qwatt.report.projection.tornado import Swing, tornado

Record = Mapping[str, Any]
DRAWN_BELOW = 0.995
"""Rows are drawn as break-even bars where P(never) is below this; the others are counted in the caption."""


def chances(entry: Record) -> dict[int, float]:
    """Return the probability of having broken even by year."""
    return {int(year): float(p) for year, p in entry["p_advantage"].items()}


def milestones(years: Sequence[int]) -> list[int]:
    """Return the years whose probabilities the tables show: round ones, and the last."""
    round_ones = [year for year in years if year % 10 == 0 and year != years[-1]]
    return [*round_ones, years[-1]]


def groups(entries: Sequence[Record], shown: Sequence[int]) -> list[StageGroup]:
    """Return the enhancements by stage; the three most probable ones have their cards open."""
    likely = sorted(entries, key=lambda e: -max(chances(e).values(), default=0.0))[:3]
    opened = {entry["id"] for entry in likely if entry["tornado"]}
    return [
        StageGroup(stage, [_line(entry, shown, entry["id"] in opened) for entry in mates])
        for stage, mates in itertools.groupby(entries, key=lambda entry: str(entry["stage"]))
    ]


def article_rating(entry: Record) -> str:
    """Return the article's time scale and potential."""
    return f"{entry['article']['time_scale']} term, {entry['article']['potential']} potential"


def heat(entries: Sequence[Record], layout: Layout = HEAT_WIDE) -> str:
    """Return the heat map."""
    return heat_map(
        [HeatRow(e["stage"], e["name"], {} if e["kind"] == "none" else chances(e)) for e in entries], layout
    )


def break_evens(
    entries: Sequence[Record], key: str, title: str, first: int, layout: Layout = BREAK_EVEN_WIDE
) -> Picture:
    """Return the bars of those that break even in some futures; the title counts the others."""
    quantum = [entry for entry in entries if entry["kind"] != "none"]
    drawn = [entry for entry in quantum if entry[key]["p_never"] < DRAWN_BELOW]
    rows = [
        BreakEven(e["name"], e[key]["p10"], e[key]["p50"], e[key]["p90"], e[key]["p_never"]) for e in drawn
    ]
    rest, last = len(quantum) - len(drawn), max((e[key]["horizon"] for e in quantum), default=first)
    counted = f"; not drawn: {rest} of {len(quantum)} that do so in fewer than one of 200 futures"
    return Picture(title + (counted if rest else ""), break_even_bars(rows, first, last, layout))


def _line(entry: Record, shown: Sequence[int], opened: bool) -> Enhancement:
    by_year = chances(entry)
    return Enhancement(
        id=entry["id"],
        task=entry["task"],
        stage=entry["stage"],
        name=entry["name"],
        article=article_rating(entry),
        verdict=entry["verdict"],
        why=entry["why"],
        milestones=["–" if entry["kind"] == "none" else chance(by_year[year]) for year in shown],
        in_last_year="–" if entry["kind"] == "none" else chance(list(entry["p_in_year"].values())[-1]),
        tornado=swings_of(entry),
        tornado_narrow=swings_of(entry, PHONE),
        risks=_risks(entry),
        open=opened,
    )


def swings_of(entry: Record, layout: Layout = TORNADO_WIDE) -> str:
    """Return the tornado of an enhancement, empty where nothing moves its answer."""
    swings = [Swing(bar["meaning"], _power(bar["low"]), _power(bar["high"])) for bar in entry["tornado"]]
    return tornado(swings, f"What moves the answer for {entry['name']}", layout=layout)


def _power(logarithm: float) -> float:
    return float(10.0 ** min(max(logarithm, -300.0), 300.0))


def _risks(entry: Record) -> list[Risk]:
    risk = entry["risk"]
    if risk is None:
        return []
    frozen = chance(risk["p_advantage_if_baseline_stands_still"])
    tie = risk["lock_in"]
    lines = [
        Risk("in how many futures", futures_text(entry)),
        Risk("a free QPU would save", ceiling_text(entry)),
        Risk("would have to be true", needs_text(entry)),
        Risk("look again", again_text(entry)),
        Risk("technology", f"{chance(risk['technology'])}: no machine can run it before the horizon"),
        Risk("baseline progress", f"if classical computing stood still, the chance would be {frozen}"),
        Risk("lock-in today", tie["level"] + (f": {', '.join(tie['vendors'])}" if tie["vendors"] else "")),
        Risk("on a QPU of today", _today(entry["today"], entry["why_not_today"])),
        Risk("energy saved if it works", _saved(entry["saved_kwh"])),
        Risk("calibration", _sensitivity(entry["sensitivity"])),
        Risk("unit of work", entry["unit_of_work"]),
    ]
    ratios = {int(year): found["p50"] for year, found in entry["ratio"].items() if found["p50"]}
    if ratios:
        text = "; ".join(f"{year}: {times(ratio)}" for year, ratio in sorted(ratios.items()))
        lines.append(Risk("joules over the best classical", f"{text} (median, machine of any size granted)"))
    return lines


def _today(machine: Record | None, why_not: str) -> str:
    if machine is None:
        return f"none: {why_not}"
    joules, seconds, usd = (_value(machine[key]) for key in ("energy_j", "seconds", "usd"))
    parts = [f"{machine['qpu']}: a unit of work would take"]
    parts += [] if joules is None else [f"{amount(joules / J_PER_KWH, 'kWh')},"]
    parts += [] if seconds is None else [f"{amount(seconds, 's')},"]
    parts += [] if usd is None else [f"{amount(usd, 'USD')},"]
    return " ".join(parts).rstrip(",") + (
        "" if machine["executable"] else f"; cannot run it: {machine['why']}"
    )


def _value(number: Record | float | None) -> float | None:
    return number.get("value") if isinstance(number, Mapping) else number


def _saved(saved: Record) -> str:
    found = saved["if_it_wins"]
    if found is None:
        return "it wins in no future"
    middle, interval = ends(found["p10"], found["p50"], found["p90"], "kWh")
    return f"{middle} ({interval}) over the model's life, in futures where it wins"


def _sensitivity(found: Record) -> str:
    low, high = sorted((found["experts_low"], found["experts_high"]))
    plain = chance(found["uncalibrated"])
    experts = chance(low) if chance(low) == chance(high) else f"{chance(low)} to {chance(high)}"
    return f"chance by the horizon {experts} over the experts' range, {plain} without calibration"
