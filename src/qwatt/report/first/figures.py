"""The three figures of a life with their intervals: energy, carbon, money."""

from __future__ import annotations

from dataclasses import dataclass

from qwatt.core.quantity import Quantity
from qwatt.report.projection.amounts import value_and_interval, with_interval
from qwatt.report.projection.stages import facility
from qwatt.report.subject import Record


@dataclass(frozen=True)
class LifeFigure:
    """A figure of the life.

    Args:
        value, interval: as they are written; the interval is empty where there is none.
        what: what is counted.
        basis: of the value.
        low, middle, high: places on the bar, in percent of its width; None where the value is unknown.
        note: what stands beside it.
    """

    value: str
    interval: str
    what: str
    basis: str
    places: tuple[float, float, float] | None
    note: str


def life_figures(record: Record) -> list[LifeFigure]:
    """Return energy, carbon and money of a projection's life."""
    total, accounting = record["total"], record["accounting"]
    embodied = with_interval(Quantity.from_record(total["embodied_kgco2e"]))
    power = with_interval(Quantity.from_record(total["electricity_usd"]))
    grid = f"{accounting['grid']} {accounting['grid_year']}, location based"
    return [
        _figure(facility(total), "facility energy", ""),
        _figure(
            Quantity.from_record(total["co2e_kg"]), f"of operation; {grid}", f"embodied: {embodied} more"
        ),
        _figure(Quantity.from_record(total["usd"]), "rent, power included", f"electricity alone: {power}"),
    ]


def _figure(quantity: Quantity, what: str, note: str) -> LifeFigure:
    value, interval = value_and_interval(quantity)
    places = None
    if quantity.known and quantity.interval[2] > 0:
        low, middle, high = quantity.interval
        places = (95 * low / high, 95 * middle / high, 95.0)
    return LifeFigure(value, interval, what, quantity.basis.value, places, note)
