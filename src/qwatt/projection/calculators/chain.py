"""The common chain: device energy -> node -> facility -> carbon and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qwatt.core.quantity import Boundary, Quantity
from qwatt.projection.calculators import check
from qwatt.projection.catalogued.accelerators import Accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.catalogued.grids import Grid, grid
from qwatt.projection.spread import Span

FORMULA = "E_node = E_device * k_node; E_facility = E_node * PUE; CO2e = E_facility * CI"


@dataclass(frozen=True)
class Site:
    """Where the work is done.

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


def site(
    *,
    pue: check.Given | None = None,
    grid_name: str = "world",
    kg_per_kwh: check.Given | None = None,
    usd_per_kwh: check.Given | None = None,
    k_node: check.Given | None = None,
    usd_per_gpu_hour: check.Given | None = None,
) -> Site:
    """Return a checked site; what is not given comes from the catalogue with its interval.

    Raises:
        QwattError: an unknown grid, or a number outside its range (PUE 1 to 3).
    """
    base = grid(grid_name)
    carbon = base.kg_per_kwh if kg_per_kwh is None else check.span("kg_per_kwh", kg_per_kwh, 0, 2)
    price = base.usd_per_kwh if usd_per_kwh is None else check.span("usd_per_kwh", usd_per_kwh, 0, 10)
    return Site(
        pue=Span.of(constant("facility", "pue"), "1") if pue is None else check.pue(pue),
        grid=Grid(base.id, base.name, base.year, carbon, price, base.sources),
        k_node=None if k_node is None else check.span("k_node", k_node, 1, 5),
        usd_per_gpu_hour=None
        if usd_per_gpu_hour is None
        else check.span("usd_per_gpu_hour", usd_per_gpu_hour, 0, 1e4),
    )


def symbols(place: Site, k_node: Span | None = None) -> dict[str, str]:
    """Return the chain's symbols with the numbers used; `k_node` None where no accelerator is involved."""
    node = "node energy over accelerator energy (host, memory, fans, power supplies)"
    source = f"kgCO2e per kWh, {place.grid.name}, location based, mean of {place.grid.year}"
    return ({} if k_node is None else {"k_node": f"{node}: {k_node}"}) | {
        "PUE": f"facility energy over node energy: {place.pue}",
        "CI": f"{source}: {place.grid.kg_per_kwh}",
    }


def energies(device_kwh: Span, k_node: Span, pue: Span) -> dict[str, Quantity]:
    """Return the energy at each boundary, in kWh."""
    node = device_kwh * k_node
    return {
        "device": device_kwh.quantity("kWh", Boundary.DEVICE),
        "node": node.quantity("kWh", Boundary.NODE),
        "facility": (node * pue).quantity("kWh", Boundary.FACILITY),
    }


def node_energies(node_kwh: Span, pue: Span) -> dict[str, Quantity]:
    """Return the boundaries of work without an accelerator (CPU, storage): the device is not told apart."""
    why = "a CPU's or a disk's share of its node is not told apart"
    return {
        "device": Quantity.unknown(why, "kWh", Boundary.DEVICE),
        "node": node_kwh.quantity("kWh", Boundary.NODE),
        "facility": (node_kwh * pue).quantity("kWh", Boundary.FACILITY),
    }


def unknown_energies(why: str) -> dict[str, Quantity]:
    """Return unknown energies at each boundary, with the reason."""
    return {boundary.value: Quantity.unknown(why, "kWh", boundary) for boundary in Boundary}


def carbon(energy_kwh: Mapping[str, Quantity], place: Site) -> Quantity:
    """Return location-based kgCO2e of the facility energy."""
    facility = energy_kwh["facility"].to("kWh")
    return _scaled(facility, place.grid.kg_per_kwh, "kgCO2e")


def electricity(energy_kwh: Mapping[str, Quantity], place: Site) -> Quantity:
    """Return what the facility energy costs, in USD."""
    return _scaled(energy_kwh["facility"].to("kWh"), place.grid.usd_per_kwh, "USD")


def rent(gpu_hours: Span, chip: Accelerator, place: Site) -> Quantity:
    """Return the rent of the accelerators, in USD; cloud prices contain the electricity."""
    price = place.usd_per_gpu_hour or chip.rent
    if price is None:
        return Quantity.unknown(f"no price per hour of {chip.id} is catalogued", "USD")
    return (gpu_hours * price).quantity("USD", reason="rent, electricity contained")


def embodied(gpu_hours: Span) -> Quantity:
    """Return the hardware's embodied kgCO2e, by the hour of use."""
    per_hour = Span.of(constant("facility", "embodied"), "kgCO2e/GPU-h")
    return (gpu_hours * per_hour).quantity(
        "kgCO2e", reason="embodied carbon of the accelerators, not in co2e_kg"
    )


def span_of(quantity: Quantity, unit: str) -> Span:
    """Return a known quantity as a span in the unit that the formula expects.

    Raises:
        QwattError: unknown, or of another dimension (joules where hours are expected).
    """
    low, value, high = quantity.to(unit).interval
    return Span(value, low, high)


def _scaled(quantity: Quantity, factor: Span, unit: str) -> Quantity:
    if not quantity.known:
        return Quantity.unknown(quantity.reason or "unknown energy", unit)
    return (span_of(quantity, quantity.unit) * factor).quantity(unit)
