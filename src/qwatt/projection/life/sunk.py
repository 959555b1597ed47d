"""The training of a downloaded model: others' energy, shown apart and in no sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qwatt.core.quantity import Quantity
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.estimate import Quantities
from qwatt.projection.calculators.site import Site, SiteInput
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.calculators.work import records
from qwatt.projection.catalogued.find import record_of
from qwatt.projection.catalogued.models import LanguageModel
from qwatt.projection.scenario.model import Scenario


@dataclass(frozen=True)
class Sunk:
    """What others spent on a model before it was downloaded.

    Args:
        costs: as a stage's; the energy is unknown where neither hours nor tokens are published.
        note: where the figures are from.
        source: of the published run.
    """

    costs: Quantities
    note: str
    source: str

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**records(self.costs), "note": self.note, "source": self.source}


def sunk_training(scenario: Scenario) -> Sunk | None:
    """Return the published final run of a downloaded model; None where the scenario trains its own.

    Grid and prices are the world's, since the run was elsewhere.
    """
    if not scenario.training.downloaded:
        return None
    model, place = scenario.model.shape(), SiteInput().place()
    source, said = "; ".join(model.sources), _published(model)
    if model.gpu_hours is not None and model.trained_on is not None:
        run = TrainingInput(accelerator=model.trained_on, gpu_hours=model.gpu_hours)
        note = f"published: {model.gpu_hours:.4g} GPU-h on {model.trained_on}; energy by mean power{said}"
        return Sunk(estimate_training(run).quantities, note, source)
    if model.tokens is None:
        return Sunk(_unknown(model, place), f"neither GPU-hours nor tokens are catalogued{said}", source)
    chip = scenario.training.accelerator
    run = TrainingInput(accelerator=chip, params=model.params, active=model.active, tokens=model.tokens)
    note = f"no GPU-hours are published: modelled from {model.tokens:.3g} tokens as if on {chip}{said}"
    return Sunk(estimate_training(run).quantities, note, source)


def _published(model: LanguageModel) -> str:
    """Return what the makers say of the run, in their own units."""
    if model.record is None:
        return ""
    record = record_of(model.record)
    figures = ", ".join(f"{name} {value:g}" for name, value in record["expected"].items())
    return f"; its makers say: {figures} ({record['boundary']})"


def _unknown(model: LanguageModel, place: Site) -> Quantities:
    why = f"neither GPU-hours nor training tokens of {model.name} are catalogued"
    energy = facility.unknown_energies(why)
    return {
        "gpu_hours": Quantity.unknown(why, "GPU-h"),
        "energy_kwh": energy,
        "idle": facility.busy_only(),
        "co2e_kg": facility.carbon(energy, place),
        "usd": Quantity.unknown(why, "USD"),
        "electricity_usd": facility.electricity(energy, place),
        "embodied_kgco2e": Quantity.unknown(why, "kgCO2e"),
        "water_l": facility.water(energy, place),
    }
