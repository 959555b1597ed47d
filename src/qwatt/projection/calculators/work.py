"""Costs that several calculators share: small jobs in FLOP, CPU work, served requests; sums and multiples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qwatt.core.quantity import Basis, Boundary, Quantity, total
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.estimate import Quantities
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.calculators.site import Site
from qwatt.projection.calculators.training import accelerator_hours, consequences
from qwatt.projection.catalogued.accelerators import Accelerator, utilisation
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

COSTS = (
    "gpu_hours",
    "energy_kwh",
    "idle",
    "co2e_kg",
    "usd",
    "electricity_usd",
    "embodied_kgco2e",
    "water_l",
)
"""What every calculator returns, so that stages can be added up; `idle` is contained in `energy_kwh`."""


def small_job(flop: float, active: float, chip: Accelerator, place: Site) -> Quantities:
    """Return the costs of FLOP at the lower utilisation of small jobs.

    Args:
        flop: floating-point operations.
        active: parameters that a token touches; decides the utilisation.
        chip, place: where it runs.
    """
    used = utilisation(chip, active) * Span.of(constant("training", "small_job_factor"), "1")
    return consequences(accelerator_hours(flop, chip, used.capped(1.0)), chip, place)


def on_cpu(core_hours: Span, place: Site) -> Quantities:
    """Return the costs of core-hours at the catalogue's power and rent of a core (node boundary)."""
    watts = Span.of(constant("curation", "core_w"), "W/core")
    energy = facility.node_energies(core_hours * watts * 1e-3, place.pue)
    price = Span.of(constant("curation", "core_rent"), "USD/h")
    costs = of_energy(energy, place, core_hours * price)
    return {**costs, "embodied_kgco2e": facility.embodied_cores(core_hours)}


def of_energy(energy: Mapping[str, Quantity], place: Site, rent_usd: Span) -> Quantities:
    """Return the costs of an energy without accelerator hours, at a rent that contains the electricity."""
    return {
        "gpu_hours": Quantity(0.0, unit="GPU-h"),
        "energy_kwh": energy,
        "idle": facility.busy_only(),
        "co2e_kg": facility.carbon(energy, place),
        "usd": rent_usd.quantity("USD", reason="rent, electricity contained"),
        "electricity_usd": facility.electricity(energy, place),
        "embodied_kgco2e": Quantity(0.0, unit="kgCO2e", reason="the storage's hardware is not counted"),
        "water_l": facility.water(energy, place),
    }


def requests(request: InferenceInput, count: float) -> Quantities:
    """Return the costs of serving a number of requests."""
    one = estimate_inference(request)
    hours = one["gpu_hours_per_request"].scaled(count)
    embodied = Quantity.unknown(hours.reason or "unknown hours", "kgCO2e")
    if hours.known:
        embodied = facility.embodied(Span.from_quantity(hours, "GPU-h"))
    return {
        "gpu_hours": hours,
        "energy_kwh": {
            name: one[f"energy_per_request.{name}"].scaled(count).to("kWh")
            for name in ("device", "node", "facility")
        },
        "idle": one["idle_per_request"].scaled(count).to("kWh"),
        "co2e_kg": one["co2e_kg_per_request"].scaled(count),
        "usd": one["usd_per_request"].scaled(count),
        "electricity_usd": one["electricity_usd_per_request"].scaled(count),
        "embodied_kgco2e": embodied,
        "water_l": one["water_l_per_request"].scaled(count),
    }


def nothing() -> Quantities:
    """Return the costs of no work at all."""
    energy = {b.value: Quantity(0.0, unit="kWh", boundary=b) for b in Boundary}
    units = {"co2e_kg": "kgCO2e", "usd": "USD", "electricity_usd": "USD", "embodied_kgco2e": "kgCO2e"}
    return {
        "gpu_hours": Quantity(0.0, unit="GPU-h"),
        "energy_kwh": energy,
        "idle": Quantity(0.0, unit="kWh", boundary=Boundary.FACILITY),
        **{name: Quantity(0.0, unit=unit) for name, unit in units.items()},
        "water_l": Quantity(0.0, unit="L"),
    }


def records(costs: Quantities) -> dict[str, Any]:
    """Return costs in their JSON form."""
    return {
        name: entry.to_record()
        if isinstance(entry, Quantity)
        else {k: q.to_record() for k, q in entry.items()}
        for name, entry in costs.items()
    }


def scaled(costs: Quantities, factor: Span | float, basis: Basis | None = None) -> Quantities:
    """Return costs times an independent, non-negative factor; `basis` relabels published hours."""
    by = Span.given(factor)
    return {name: _times(entry, by, basis) for name, entry in costs.items() if name in COSTS}


def summed(parts: Iterable[Quantities]) -> Quantities:
    """Return the sum of costs; an unknown part makes its sum unknown and names itself."""
    items = list(parts)
    plain = {name: total([_plain(part[name]) for part in items]) for name in COSTS if name != "energy_kwh"}
    groups = [part["energy_kwh"] for part in items]
    energy = {
        boundary: total([group[boundary] for group in groups if not isinstance(group, Quantity)])
        for boundary in ("device", "node", "facility")
    }
    return {"gpu_hours": plain.pop("gpu_hours"), "energy_kwh": energy, **plain}


def _plain(entry: Quantity | Mapping[str, Quantity]) -> Quantity:
    assert isinstance(entry, Quantity)
    return entry


def _times(
    entry: Quantity | Mapping[str, Quantity], factor: Span, basis: Basis | None
) -> Quantity | Mapping[str, Quantity]:
    if not isinstance(entry, Quantity):
        return {name: _one(quantity, factor, basis) for name, quantity in entry.items()}
    return _one(entry, factor, basis)


def _one(quantity: Quantity, factor: Span, basis: Basis | None) -> Quantity:
    if not quantity.known:
        return quantity
    product = Span.from_quantity(quantity, quantity.unit) * factor
    return product.quantity(quantity.unit, quantity.boundary, basis or quantity.basis, quantity.reason)
