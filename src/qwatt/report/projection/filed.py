"""What stands beside the energy of a life: idle hardware, embodied carbon, water, grid, what is sunk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qwatt.core.quantity import Quantity
from qwatt.report.projection.amounts import with_interval

Record = Mapping[str, Any]


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
