"""What stands beside the energy of a life: idle hardware, embodied carbon, water, grid, what is sunk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qwatt.core.quantity import Quantity
from qwatt.report.projection.amounts import value_and_interval, with_interval
from qwatt.report.projection.rows import Fact

Record = Mapping[str, Any]


def filed_facts(record: Record) -> list[Fact]:
    """Return the page's head beside the energy: carbon of operation, embodied carbon, water."""
    accounting = record["accounting"]
    grid = f"{accounting['grid']} {accounting['grid_year']}, location based"
    facts = []
    for name, what, note in (
        ("co2e_kg", "CO₂e of operation", grid),
        ("embodied_kgco2e", "embodied CO₂e", "hardware, by its hours of use"),
        ("water_l", "water", "on site and at the power plants"),
    ):
        value, interval = value_and_interval(Quantity.from_record(record["total"][name]))
        facts.append(Fact(what, value, f"{interval}; {note}" if interval else note))
    return facts


def life_lines(record: Record) -> list[str]:
    """Return the sentences below the table of stages."""
    total, accounting = record["total"], record["accounting"]
    idle, embodied, water = (
        with_interval(Quantity.from_record(total[name])) for name in ("idle", "embodied_kgco2e", "water_l")
    )
    market = with_interval(Quantity.from_record(accounting["co2e_market_kg"]))
    method = str(accounting["method"]).replace("co2e_kg is", "CO₂e is")
    lines = [
        f"Idle and always-on hardware, contained: {idle}. Embodied CO₂e: {embodied}. Water: {water}.",
        f"{method}; market based: {market}. {accounting['scope'].capitalize()}.",
    ]
    lines += [
        f"{s['stage'].capitalize()}: {s['recorded']['note']}." for s in record["stages"] if s.get("recorded")
    ]
    if (sunk := record["sunk"]) is not None:
        energy = with_interval(Quantity.from_record(sunk["energy_kwh"]["facility"]))
        lines.append(f"Sunk, in no sum: training of the downloaded model, {energy}; {sunk['note']}.")
    return lines
