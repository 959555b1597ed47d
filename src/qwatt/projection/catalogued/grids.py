"""Electricity grids of the catalogue: carbon intensity (location based) and price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qwatt import catalogue
from qwatt.projection.catalogued.find import find, tables
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class Grid:
    """A grid: kgCO2e per kWh of a year, and what a large consumer pays in USD per kWh."""

    id: str
    name: str
    year: int
    kg_per_kwh: Span
    usd_per_kwh: Span
    sources: tuple[str, ...]

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form for `list grids`."""
        carbon, price = self.kg_per_kwh, self.usd_per_kwh
        return {
            "id": self.id,
            "name": self.name,
            "year": self.year,
            "gco2e_per_kwh": [round(1e3 * end, 6) for end in (carbon.low, carbon.value, carbon.high)],
            "usd_per_kwh": [price.low, price.value, price.high],
            "accounting": "location based",
            "sources": list(self.sources),
        }


def grid(name: str) -> Grid:
    """Return a grid by id, two-letter code or country.

    Raises:
        QwattError: no such grid; names the nearest ones.
    """
    key, table = find("grid", name, "grids")
    prices = catalogue.load("energy_prices")["electricity"]
    price = prices.get(key, prices["world"])
    intensity = Span.of(table["intensity"], "gCO2e/kWh") * 1e-3
    borrowed = (
        "" if key in prices else f"no electricity price of {table['name']} is catalogued, the world's is: "
    )
    sources = (
        f"{table['intensity']['source']} ({table['year']})",
        f"{borrowed}{price['source']} ({price['date']})",
    )
    return Grid(key, table["name"], table["year"], intensity, Span.of(price, "USD/kWh"), sources)


def all_grids() -> dict[str, Grid]:
    """Return every grid of the catalogue by id."""
    return {key: grid(key) for key in tables("grids")}
