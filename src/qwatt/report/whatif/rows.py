"""The tables of the what-if at the page's own settings, as the page has them before anything is changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qwatt.projection.levers.lever import Lever
from qwatt.projection.project import Projection
from qwatt.projection.whatif.answer import Answer
from qwatt.projection.whatif.median import MedianFuture
from qwatt.report.projection.amounts import amount
from qwatt.report.projection.levers import ordinary

LIFE = {
    "kwh": ("Energy", "kWh", "facility, modelled"),
    "co2e_kg": ("Carbon in operation", "kgCO2e", "location based, modelled"),
    "usd": ("Money", "USD", "rent, which contains its electricity"),
    "electricity_usd": ("Electricity alone", "USD", "at the grid's price"),
}
"""By output its words, unit and remark."""


@dataclass(frozen=True)
class LifeRow:
    """A line of the life."""

    output: str
    what: str
    unit: str
    remark: str
    value: str


@dataclass(frozen=True)
class LeverRow:
    """A lever that needs no quantum computer, and what it saves."""

    id: str
    name: str
    stage: str
    kwh: str
    co2e: str
    usd: str


@dataclass(frozen=True)
class FarRow:
    """A quantum enhancement, its distance in powers of ten and its limit."""

    id: str
    name: str
    stage: str
    distance: str
    limit: str


def followed(projection: Projection) -> list[Lever]:
    """Return the best lever of every task that saves and needs no quantum computer, the best first."""
    levers = {lever.id: lever for lever in projection.levers}
    return [levers[record["id"]] for record in ordinary(lever.to_record() for lever in projection.levers)]


def life_rows(answer: Answer, *, money: bool) -> list[LifeRow]:
    """Return the life's lines; without money where a rent is unknown."""
    return [
        LifeRow(output, what, unit, remark, amount(getattr(answer, output), unit))
        for output, (what, unit, remark) in LIFE.items()
        if money or output != "usd"
    ]


def lever_rows(levers: Sequence[Lever], answer: Answer) -> list[LeverRow]:
    """Return the levers' lines, the one that saves most after its own cost first."""
    rows = []
    for lever in levers:
        saved = answer.levers[lever.id]
        stage = f"{lever.stage}, in place" if lever.in_place else lever.stage
        amounts = (amount(saved[part], unit) for part, unit in _SAVED)
        rows.append(LeverRow(lever.id, lever.name, stage, *amounts))
    return rows


def far_rows(future: MedianFuture, answer: Answer) -> list[FarRow]:
    """Return the enhancements' lines, the nearest first."""
    nearest = sorted(future.entries, key=lambda entry: answer.distance[entry["id"]])
    return [
        FarRow(e["id"], e["name"], e["stage"], power(answer.distance[e["id"]]), left(answer, e["id"]))
        for e in nearest
    ]


def left(answer: Answer, name: str) -> str:
    """Return what limits an enhancement; nothing does where only hardware could and it pays."""
    limit = answer.limit[name]
    return NOTHING if limit == "hardware" and answer.distance[name] < 0 else limit


def power(distance: float) -> str:
    """Write a distance in powers of ten."""
    if not math.isfinite(distance):
        return "beyond any number"
    return f"{distance:.1f}".replace("-", "−")


NOTHING = "nothing in this future"
_SAVED = (("kwh", "kWh"), ("co2e_kg", "kgCO2e"), ("usd", "USD"))
