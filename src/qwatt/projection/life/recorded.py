"""Stages whose energy the user recorded: measured joules in place of calculated ones.

One stretch stands for what the scenario has once (curation to training, by the booked share), for one
fine-tune, or, where requests were counted, for as many requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qwatt.core.energy_log import StageTotal, read_energy, stage_totals
from qwatt.core.quantity import Basis, Boundary, Quantity, total
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.estimate import Quantities
from qwatt.projection.calculators.site import Site
from qwatt.projection.catalogued.accelerators import Accelerator
from qwatt.projection.spread import Span

Recorded = Mapping[str, StageTotal]
"""What was recorded, by stage."""

WAITING = "waiting is inside what was measured"
AS_MEASURED = (
    "energy, CO2e, electricity and water from what was measured; hours, rent and embodied as calculated"
)


def recorded_of(folder: Path | None) -> Recorded:
    """Return what a run folder recorded of the user's own work; without a folder, nothing."""
    return {} if folder is None else {one.stage: one for one in stage_totals(read_energy(folder))}


@dataclass(frozen=True)
class Standing:
    """How what was recorded stands in a life.

    Args:
        total: what was recorded.
        factor: how many times the life has it; None where that cannot be told.
        words: what it stands for, or why it does not.
    """

    total: StageTotal
    factor: float | None
    words: str

    @property
    def used(self) -> bool:
        """Whether it stands in the life."""
        return self.factor is not None and all(energy.known for energy in self.total.energies)

    @property
    def note(self) -> str:
        """Return a sentence for the stage."""
        rows = (
            f"{len(self.total.rows)} recorded stretches" if len(self.total.rows) > 1 else "a recorded stretch"
        )
        if not self.used:
            unknown = next((q.reason for q in self.total.energies if not q.known), None)
            why = f"its energy is unknown: {unknown}" if unknown else self.words
            return f"{rows} not used, calculated instead: {why}"
        joules = " and ".join(f"{q} at the {q.boundary}" for q in self.total.energies)
        return "; ".join([f"{rows} of {joules}, {self.words}", AS_MEASURED, *self.total.remarks])

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return self.total.to_record() | {"used": self.used, "times": self.factor, "note": self.note}


def once(found: StageTotal, booked: float) -> Standing:
    """Return how a stage stands that a life has once, of which the service answers for a share."""
    return Standing(found, booked, f"in place of the calculated; booked share {booked:g}")


def each(found: StageTotal, runs: float) -> Standing:
    """Return how a stage stands of which every stretch is one run of `runs`; without any, as it is."""
    if runs == 0:
        return Standing(found, 1.0, "as recorded: the scenario itself has none")
    return Standing(found, runs / len(found.rows), f"their mean for each of {runs:g} runs")


def by_request(found: StageTotal, requests: float) -> Standing:
    """Return how a stage stands whose stretches counted requests, of which the life has a number."""
    counted = found.count("requests")
    if not counted:
        return Standing(found, None, 'no "requests" were counted')
    return Standing(found, requests / counted, f"{counted:g} requests, for {requests:.4g} of the life")


def with_measured(costs: Quantities, standing: Standing | None, chip: Accelerator, place: Site) -> Quantities:
    """Return a stage's costs with what was measured in place of the calculated energy.

    Args:
        costs: of the whole stage, as calculated.
        standing: what was recorded of it.
        chip: whose node factor leads from device to node.
        place: the site.
    """
    if standing is None or not standing.used or standing.factor is None:
        return costs
    energy = _boundaries(standing.total.energies, standing.factor, chip, place)
    return {
        **costs,
        "energy_kwh": energy,
        "idle": Quantity(0.0, unit="kWh", boundary=Boundary.FACILITY, reason=WAITING),
        "co2e_kg": facility.carbon(energy, place),
        "electricity_usd": facility.electricity(energy, place),
        "water_l": facility.water(energy, place),
    }


def _boundaries(
    energies: Iterable[Quantity], factor: float, chip: Accelerator, place: Site
) -> dict[str, Quantity]:
    """Return kWh at each boundary; only the one that was measured keeps the basis of the measurement."""
    groups = [_group(energy.to("kWh"), factor, chip, place) for energy in energies]
    return {one.value: total(group[one.value] for group in groups) for one in Boundary}


def _group(energy: Quantity, factor: float, chip: Accelerator, place: Site) -> dict[str, Quantity]:
    kwh = Span.from_quantity(energy, "kWh") * factor
    basis = energy.basis if factor == 1 else max(energy.basis, Basis.MODELLED, key=lambda one: one.strength)
    if energy.boundary is Boundary.DEVICE:
        found = facility.energies(kwh, place.node_factor(chip), place.pue)
        return found | {"device": kwh.quantity("kWh", Boundary.DEVICE, basis, energy.reason)}
    found = facility.node_energies(kwh, place.pue)
    return found | {"node": kwh.quantity("kWh", Boundary.NODE, basis, energy.reason)}
