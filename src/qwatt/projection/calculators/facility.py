"""From device energy to node and facility energy, and from there to carbon and money."""

from __future__ import annotations

from collections.abc import Mapping

from qwatt.core.quantity import Boundary, Quantity
from qwatt.projection.calculators.site import Site
from qwatt.projection.catalogued.accelerators import Accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

FORMULA = "E_node = E_device * k_node; E_facility = E_node * PUE; CO2e = E_facility * CI"


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
    return _times(energy_kwh["facility"].to("kWh"), place.grid.kg_per_kwh, "kgCO2e")


def electricity(energy_kwh: Mapping[str, Quantity], place: Site) -> Quantity:
    """Return what the facility energy costs, in USD."""
    return _times(energy_kwh["facility"].to("kWh"), place.grid.usd_per_kwh, "USD")


def rent(gpu_hours: Span, chip: Accelerator, place: Site) -> Quantity:
    """Return the rent of the accelerators, in USD; cloud prices contain the electricity."""
    price = place.usd_per_gpu_hour or chip.rent
    if price is None:
        return Quantity.unknown(f"no price per hour of {chip.id} is catalogued", "USD")
    return (gpu_hours * price).quantity("USD", reason="rent, electricity contained")


def water(energy_kwh: Mapping[str, Quantity], place: Site) -> Quantity:
    """Return litres of water in operation: on site by IT energy, at the power plants by facility energy."""
    node, whole = energy_kwh["node"].to("kWh"), energy_kwh["facility"].to("kWh")
    if not (node.known and whole.known):
        return Quantity.unknown(whole.reason or node.reason or "unknown energy", "L")
    on_site = Span.from_quantity(node, "kWh") * place.wue_on_site
    off_site = Span.from_quantity(whole, "kWh") * place.wue_off_site
    return (on_site + off_site).quantity(
        "L", reason="on site and at the power plants; hardware's not counted"
    )


def embodied_cores(core_hours: Span) -> Quantity:
    """Return a server's embodied kgCO2e, by the hour of a busy core."""
    per_hour = Span.of(constant("facility", "embodied_core"), "kgCO2e/h")
    return (core_hours * per_hour).quantity(
        "kgCO2e", reason="embodied carbon of servers, not in the CO2e of operation"
    )


def busy_only() -> Quantity:
    """Return that no idle hardware is charged: what waits is inside a run's utilisation or power."""
    why = "waiting is inside the utilisation of the run"
    return Quantity(0.0, unit="kWh", boundary=Boundary.FACILITY, reason=why)


def embodied(gpu_hours: Span) -> Quantity:
    """Return the hardware's embodied kgCO2e, by the hour of use."""
    per_hour = Span.of(constant("facility", "embodied"), "kgCO2e/GPU-h")
    return (gpu_hours * per_hour).quantity(
        "kgCO2e", reason="embodied carbon of the accelerators, not in the CO2e of operation"
    )


def _times(quantity: Quantity, factor: Span, unit: str) -> Quantity:
    if not quantity.known:
        return Quantity.unknown(quantity.reason or "unknown energy", unit)
    return (Span.from_quantity(quantity, quantity.unit) * factor).quantity(unit)
