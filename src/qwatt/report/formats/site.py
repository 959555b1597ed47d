"""Where a run was made, as far as it is told: what turns joules into carbon."""

from __future__ import annotations

from dataclasses import dataclass

from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.projection.calculators.site import Site, SiteInput
from qwatt.projection.spread import Span
from qwatt.report.formats.markdown import md

ANYWHERE = "world"


@dataclass(frozen=True)
class Place:
    """A place for a run's carbon.

    Args:
        grid: a catalogued grid or country; None where nobody said, which takes the world's mean.
        pue: facility over node energy; None leaves the energy at the boundary that was measured.
    """

    grid: str | None = None
    pue: float | None = None

    @property
    def site(self) -> Site:
        """The catalogued site.

        Raises:
            QwattError: no such grid, or a PUE out of range.
        """
        return SiteInput(grid=ANYWHERE if self.grid is None else self.grid, pue=self.pue).place()

    @property
    def words(self) -> str:
        """What is assumed of the place."""
        grid = self.site.grid
        stated = (
            "" if self.grid is not None else "; the place is not stated, so that the world's mean is taken"
        )
        carbon = f"{grid.kg_per_kwh} kg CO2e per kWh"
        return f"{grid.name}, location based mean of {grid.year}, {carbon}{stated}"

    def energy_kwh(self, energy: Quantity) -> Quantity:
        """Return the energy to be reported: at the facility where a PUE is given and a node was measured."""
        if self.pue is None or not energy.known or energy.boundary is not Boundary.NODE:
            return energy.to("kWh")
        kwh = Span.from_quantity(energy.to("kWh"), "kWh") * self.site.pue
        return kwh.quantity(
            "kWh",
            Boundary.FACILITY,
            Basis.MODELLED,
            f"{energy.basis} at the node times a PUE of {self.pue:g}",
        )

    def carbon_g(self, energy: Quantity) -> Quantity:
        """Return grams of CO2e in operation; modelled, as a grid's mean is."""
        kwh = self.energy_kwh(energy)
        if not kwh.known:
            return Quantity.unknown(kwh.reason or "unknown energy", "gCO2e")
        grams = Span.from_quantity(kwh, "kWh") * self.site.grid.kg_per_kwh * 1e3
        return grams.quantity("gCO2e", reason=f"{kwh.basis} energy times {self.words}")


def basis_words(energy: Quantity) -> str:
    """Return the basis, that of the weakest part, and how the parts were found: "1 GPU by counter; ..."."""
    parts = f" ({md(energy.reason)})" if energy.known and energy.reason else ""
    return f"{energy.basis}{parts}"


def boundary_words(energy: Quantity) -> str:
    """Say what an energy contains."""
    return {
        None: "boundary unknown",
        Boundary.DEVICE: "boundary device: the chips alone, without the rest of the node and the facility",
        Boundary.NODE: "boundary node: without cooling and losses of the facility",
        Boundary.FACILITY: "boundary facility",
    }[energy.boundary]
