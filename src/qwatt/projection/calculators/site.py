"""Where the work is done: the overheads, the grid and the prices that every calculator takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from qwatt.projection.calculators.fields import (
    CarbonIntensity,
    ElectricityPrice,
    GridName,
    NodeFactor,
    Pue,
    Rent,
    WaterUse,
)
from qwatt.projection.calculators.input import Input
from qwatt.projection.catalogued.accelerators import Accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.catalogued.grids import Grid, grid
from qwatt.projection.check import Given
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class Site:
    """A place with everything known.

    Args:
        pue: facility over IT energy.
        grid: carbon intensity and electricity price.
        k_node: node over accelerator energy; None takes the accelerator's own.
        usd_per_gpu_hour: rent; None takes the accelerator's own.
        wue_on_site, wue_off_site: litres of water per kWh of IT energy, and per facility kWh at power plants.
        market_kg_per_kwh: kgCO2e per kWh of the contracts; None where none is stated.
    """

    pue: Span
    grid: Grid
    wue_on_site: Span
    wue_off_site: Span
    k_node: Span | None = None
    usd_per_gpu_hour: Span | None = None
    market_kg_per_kwh: Span | None = None

    def node_factor(self, chip: Accelerator) -> Span:
        """Return node over accelerator energy on a chip."""
        return self.k_node or chip.k_node

    def symbols(self, chip: Accelerator | None = None) -> dict[str, str]:
        """Return the symbols of facility, carbon and money; without a chip none of an accelerator."""
        node = "node energy over accelerator energy (host, memory, fans, power supplies)"
        source = f"kgCO2e per kWh, {self.grid.name}, location based, mean of {self.grid.year}"
        return ({} if chip is None else {"k_node": f"{node}: {self.node_factor(chip)}"}) | {
            "PUE": f"facility energy over node energy: {self.pue}",
            "CI": f"{source}: {self.grid.kg_per_kwh}",
        }


@dataclass(frozen=True, kw_only=True)
class SiteInput(Input):
    """A place as a user gives it; what is left out comes from the catalogue with its interval."""

    pue: Annotated[Pue | None, "Facility over node energy, 1 to 3."] = None
    grid: Annotated[GridName, "A grid of `qwatt list grids`, or a two-letter code."] = "world"
    kg_per_kwh: Annotated[CarbonIntensity | None, "kgCO2e per kWh, in place of the grid's."] = None
    usd_per_kwh: Annotated[ElectricityPrice | None, "USD per kWh, in place of the grid's."] = None
    usd_per_gpu_hour: Annotated[Rent | None, "Rent, in place of the catalogue's."] = None
    k_node: Annotated[NodeFactor | None, "Node over accelerator energy, 1 to 5."] = None
    wue_on_site: Annotated[WaterUse | None, "Litres per kWh of IT energy."] = None
    wue_off_site: Annotated[WaterUse | None, "Litres per facility kWh, at power plants."] = None
    market_kg_per_kwh: Annotated[CarbonIntensity | None, "kgCO2e per kWh by contracts, shown apart."] = None

    def place(self) -> Site:
        """Return the place with everything known."""
        base = grid(self.grid)
        carbon = base.kg_per_kwh if self.kg_per_kwh is None else Span.given(self.kg_per_kwh)
        price = base.usd_per_kwh if self.usd_per_kwh is None else Span.given(self.usd_per_kwh)
        return Site(
            pue=Span.of(constant("facility", "pue"), "1") if self.pue is None else Span.given(self.pue),
            grid=Grid(base.id, base.name, base.year, carbon, price, base.sources),
            k_node=_maybe(self.k_node),
            usd_per_gpu_hour=_maybe(self.usd_per_gpu_hour),
            wue_on_site=_water("wue_on_site", self.wue_on_site),
            wue_off_site=_water("wue_off_site", self.wue_off_site),
            market_kg_per_kwh=_maybe(self.market_kg_per_kwh),
        )


def _maybe(given: Given | None) -> Span | None:
    return None if given is None else Span.given(given)


def _water(name: str, given: Given | None) -> Span:
    return Span.of(constant("facility", name), "L/kWh") if given is None else Span.given(given)
