"""What saves energy today, and what quantum computers could add to it: tables of levers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qwatt.report.numbers import NO_BREAK
from qwatt.report.projection.amounts import amount, digits, ends, percent
from qwatt.report.projection.rows import Cell

Record = Mapping[str, Any]
COLUMNS = ("lever", "saves over the life", "CO₂e", "money", "costs", "paid back after", "assumed", "verdict")
TERMINAL_COLUMNS = ("lever", "stage", "saves", "saves USD", "costs USD", "paid back", "assumed", "verdict")
QUANTUM_COLUMNS = ("lever", "expected saving", "a free QPU would save", "CO₂e", "money", "costs", "verdict")
DAYS_OF_YEAR = 365.25
_MOST_QUANTUM = 8


def ordinary(levers: Iterable[Record]) -> list[Record]:
    """Return the best lever of every task that needs no quantum computer and saves something, best first.

    What qwatt only projects, and cannot run, stands back behind what it can.
    """
    best: dict[str, Record] = {}
    for lever in levers:
        if lever["kind"] == "quantum" or (lever["saved_kwh"]["value"] or 0.0) <= 0:
            continue
        if lever["task"] not in best or _choice(lever) > _choice(best[lever["task"]]):
            best[lever["task"]] = lever
    return sorted(best.values(), key=_net, reverse=True)


def quantum(levers: Iterable[Record]) -> list[Record]:
    """Return the quantum levers that could save most, the expected saving before the ceiling."""
    found = [lever for lever in levers if lever["kind"] == "quantum" and lever["saved_kwh"]["high"] > 0]
    key = sorted(found, key=lambda e: (e["saved_kwh"]["value"], e["saved_kwh"]["high"]), reverse=True)
    return key[:_MOST_QUANTUM]


def ordinary_rows(levers: Iterable[Record]) -> list[list[Cell]]:
    """Return the lines of `COLUMNS`."""
    return [_ordinary(lever) for lever in ordinary(levers)]


def terminal_row(lever: Record) -> list[str]:
    """Return the line of `TERMINAL_COLUMNS`."""
    return [
        str(lever["name"]),
        f"{lever['stage']}, in place" if lever["in_place"] else str(lever["stage"]),
        _amount(lever["saved_kwh"]["value"], "kWh"),
        _usd(lever["saved_usd"]),
        _usd(lever["cost_usd"]),
        _duration(lever["payback_days"]),
        percent(lever["assumed_share"]),
        str(lever["verdict"]),
    ]


def quantum_rows(levers: Iterable[Record]) -> list[list[Cell]]:
    """Return the lines of `QUANTUM_COLUMNS`."""
    return [
        [
            (e["name"], e["stage"]),
            (_amount(e["saved_kwh"]["value"], "kWh"), ""),
            (_amount(e["saved_kwh"]["high"], "kWh"), "in one of ten futures more"),
            (_amount(e["saved_co2e_kg"], "kgCO2e"), ""),
            (f"{_usd(e['saved_usd'])}{NO_BREAK}USD", ""),
            (f"{_usd(e['cost_usd'])}{NO_BREAK}USD", ""),
            (e["verdict"], ""),
        ]
        for e in quantum(levers)
    ]


def headline(levers: Sequence[Record]) -> str:
    """Return the answer in a sentence: what saves most today, and what is in place."""
    found = ordinary(levers)
    new = [lever for lever in found if not lever["in_place"] and lever["verdict"] == "use now"]
    kept = [lever["name"] for lever in found if lever["in_place"] and lever["verdict"] == "use now"]
    if not new:
        text = "No further lever of any kind is to be used now on this model."
    else:
        names = "; ".join(f"{e['name']} ({_amount(e['saved_kwh']['value'], 'kWh')})" for e in new[:3])
        text = f"To be used now: {names}."
    return text + (f" In place already, and to be kept: {'; '.join(kept)}." if kept else "")


def paid_back(lever: Record) -> str:
    """Write after how many requests, or days, a lever has paid for itself."""
    requests, days = lever["payback_requests"], lever["payback_days"]
    if requests is None:
        return "never"
    if requests == 0:
        return "at once"
    return f"{_count(requests)} requests, {_duration(days)}"


def _ordinary(lever: Record) -> list[Cell]:
    saved = lever["saved_kwh"]
    value, interval = ends(saved["low"], saved["value"], saved["high"], "kWh")
    words = f"{lever['stage']}, in place" if lever["in_place"] else str(lever["stage"])
    threshold = f"may turn into {lever['on_threshold']}" if lever["on_threshold"] else ""
    return [
        (lever["name"], words),
        (value, f"{interval}, {saved['basis']}" if interval else saved["basis"]),
        (_amount(lever["saved_co2e_kg"], "kgCO2e"), ""),
        (f"{_usd(lever['saved_usd'])}{NO_BREAK}USD", ""),
        (f"{_usd(lever['cost_usd'])}{NO_BREAK}USD", _amount(lever["cost_kwh"], "kWh")),
        (paid_back(lever), ""),
        (percent(lever["assumed_share"]), ""),
        (lever["verdict"], threshold),
    ]


def _usd(value: float) -> str:
    return digits(value) if abs(value) >= 1 or value == 0 else "below 1"


def _duration(days: float | None) -> str:
    if days is None:
        return "never"
    if days == 0:
        return "at once"
    if days < DAYS_OF_YEAR:
        return f"{digits(days)}{NO_BREAK}days" if days >= 1 else f"{digits(24 * days)}{NO_BREAK}h"
    return f"{digits(days / DAYS_OF_YEAR)}{NO_BREAK}years"


def _count(number: float) -> str:
    """Write a count in words from a million on."""
    for step, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= step:
            return f"{digits(number / step)}{NO_BREAK}{name}"
    return digits(number)


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "unknown"
    return f"0{NO_BREAK}{unit}" if value == 0 else amount(value, unit)


def _choice(lever: Record) -> tuple[bool, float]:
    return bool(lever["built"]), _net(lever)


def _net(lever: Record) -> float:
    return float(lever["saved_kwh"]["value"]) - float(lever["cost_kwh"] or 0.0)
