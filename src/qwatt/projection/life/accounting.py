"""What a filed figure must say of itself: which grid and year, location or market based, which scope."""

from __future__ import annotations

from typing import Any

from qwatt.core.quantity import Quantity
from qwatt.projection.calculators.estimate import Quantities
from qwatt.projection.calculators.site import Site
from qwatt.projection.spread import Span

SCOPE = (
    "operation: scope 2 of whoever runs the machines, scope 3 of whoever rents them; "
    "embodied carbon: scope 3 of both; boundary: facility"
)
NO_CONTRACT = "no contract's factor is given: set market_kg_per_kwh under [site]"


def accounting(place: Site, total: Quantities) -> dict[str, Any]:
    """Return how a life's carbon and water were counted, and its market-based carbon beside the local one.

    Args:
        place: the site.
        total: the life's costs.
    """
    grid = place.grid
    return {
        "grid": grid.name,
        "grid_year": grid.year,
        "location_kg_per_kwh": _ends(grid.kg_per_kwh),
        "method": f"co2e_kg is location based: {grid.name}'s mean of {grid.year}",
        "market_kg_per_kwh": None if place.market_kg_per_kwh is None else _ends(place.market_kg_per_kwh),
        "co2e_market_kg": _market_based(place.market_kg_per_kwh, total).to_record(),
        "scope": SCOPE,
        "water": "withdrawn or consumed as the sources count it: on site and at the power plants",
    }


def _market_based(factor: Span | None, total: Quantities) -> Quantity:
    group = total["energy_kwh"]
    assert not isinstance(group, Quantity)
    energy = group["facility"].to("kWh")
    if factor is None:
        return Quantity.unknown(NO_CONTRACT, "kgCO2e")
    if not energy.known:
        return Quantity.unknown(energy.reason or "unknown energy", "kgCO2e")
    return (Span.from_quantity(energy, "kWh") * factor).quantity("kgCO2e", reason="market based")


def _ends(span: Span) -> list[float]:
    return [span.low, span.value, span.high]
