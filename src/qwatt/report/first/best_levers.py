"""The best three levers for today: what they save, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qwatt.report.numbers import NO_BREAK
from qwatt.report.projection.amounts import amount, digits, ends, percent
from qwatt.report.projection.levers import ordinary, paid_back
from qwatt.report.subject import Record

SHOWN = 3


@dataclass(frozen=True)
class BestLever:
    """A lever of the first screen; `places` are its saving's low, middle and high in percent of the life."""

    name: str
    kind: str
    stage: str
    task: str
    built: bool
    saved: str
    interval: str
    share: str
    basis: str
    assumed: str
    carbon: str
    money: str
    cost: str
    payback: str
    places: tuple[float, float, float]


def to_use(levers: Sequence[Record]) -> list[Record]:
    """Return the levers to be used now that are not in place yet, the best first, one a task."""
    return [lever for lever in ordinary(levers) if not lever["in_place"] and lever["verdict"] == "use now"]


def best_levers(record: Record) -> list[BestLever]:
    """Return the first of them, ready to print."""
    life_kwh = record["total"]["energy_kwh"]["facility"]["value"]
    return [_lever(lever, life_kwh) for lever in to_use(record["levers"])[:SHOWN]]


def _lever(lever: Record, life_kwh: float | None) -> BestLever:
    saved = lever["saved_kwh"]
    value, interval = ends(saved["low"], saved["value"], saved["high"], "kWh")
    shares = [
        min(100.0, 100 * saved[end] / life_kwh) if life_kwh else 0.0 for end in ("low", "value", "high")
    ]
    share = percent(saved["value"] / life_kwh) if life_kwh else "unknown"
    carbon = lever["saved_co2e_kg"]
    return BestLever(
        name=lever["name"],
        kind=lever["kind"],
        stage=lever["stage"],
        task=lever["task"],
        built=bool(lever["built"]),
        saved=value,
        interval=interval,
        share=share,
        basis=saved["basis"],
        assumed=percent(lever["assumed_share"]) if lever["assumed_share"] > 0 else "",
        carbon="unknown" if carbon is None else f"−{amount(carbon, 'kgCO2e')}",
        money=f"−{amount(lever['saved_usd'], 'USD')}" if lever["saved_usd"] >= 1 else "below 1 USD",
        cost=f"{digits(lever['cost_usd'])}{NO_BREAK}USD",
        payback=paid_back(lever),
        places=(shares[0], shares[1], shares[2]),
    )
