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
)
from qwatt.projection.calculators.input import Input
from qwatt.projection.catalogued.accelerators import Accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.catalogued.grids import Grid, grid
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class Site:
    """A place with everything known.

    Args:
        pue: facility over IT energy.
        grid: carbon intensity and electricity price.
        k_node: node over accelerator energy; None takes the accelerator's own.
        usd_per_gpu_hour: rent; None takes the accelerator's own.
    """

    pue: Span
    grid: Grid
    k_node: Span | None = None
    usd_per_gpu_hour: Span | None = None

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

    def place(self) -> Site:
        """Return the place with everything known."""
        base = grid(self.grid)
        carbon = base.kg_per_kwh if self.kg_per_kwh is None else Span.given(self.kg_per_kwh)
        price = base.usd_per_kwh if self.usd_per_kwh is None else Span.given(self.usd_per_kwh)
        return Site(
            pue=Span.of(constant("facility", "pue"), "1") if self.pue is None else Span.given(self.pue),
            grid=Grid(base.id, base.name, base.year, carbon, price, base.sources),
            k_node=None if self.k_node is None else Span.given(self.k_node),
            usd_per_gpu_hour=None if self.usd_per_gpu_hour is None else Span.given(self.usd_per_gpu_hour),
        )
