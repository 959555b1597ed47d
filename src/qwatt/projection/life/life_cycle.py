"""The classical energy, money and carbon of a model's life, stage by stage, and each stage's share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qwatt.core.quantity import Quantity
from qwatt.core.task import STAGES
from qwatt.projection.calculators import chain
from qwatt.projection.calculators.chain import Site
from qwatt.projection.calculators.curation import estimate_curation
from qwatt.projection.calculators.development import estimate_development
from qwatt.projection.calculators.distil import estimate_distil
from qwatt.projection.calculators.estimate import Estimate, Quantities
from qwatt.projection.calculators.inference import estimate_serving
from qwatt.projection.calculators.monitoring import estimate_monitoring
from qwatt.projection.calculators.serving import Serving, serving
from qwatt.projection.calculators.tokenise import estimate_tokenise
from qwatt.projection.calculators.training import estimate_training
from qwatt.projection.calculators.tuning import estimate_tuning
from qwatt.projection.calculators.work import COSTS, requests, scaled, summed
from qwatt.projection.scenario.model import Scenario
from qwatt.projection.spread import Span

PLAUSIBLE = (
    "Meta: training : inference 35 : 65 for a language model (arXiv:2111.00364)",
    "Google 2019-21: training : inference 40 : 60 (arXiv:2204.05149)",
    "BLOOM: final run 37 % of the project (arXiv:2211.02001)",
    "OLMo: development over final training 0.50 (arXiv:2503.05804)",
)
"""Published splits to hold the shares against; their boundaries differ, and none is an input."""


@dataclass(frozen=True)
class StageCost:
    """What one stage costs over the model's life.

    Args:
        stage: one of the seven.
        costs: gpu_hours, energy_kwh {device, node, facility}, co2e_kg, usd, electricity_usd, embodied_kgco2e.
        share: of the life's facility energy.
        estimates: the calculators behind it, of one run or one request.
        note: what is contained.
    """

    stage: str
    costs: Quantities
    share: Quantity
    estimates: tuple[Estimate, ...]
    note: str

    @property
    def energy(self) -> Quantity:
        """Facility energy in kWh."""
        group = self.costs["energy_kwh"]
        assert not isinstance(group, Quantity)
        return group["facility"]

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "stage": self.stage,
            **_records(self.costs),
            "share": self.share.to_record(),
            "note": self.note,
        } | {"estimates": [estimate.to_record() for estimate in self.estimates]}


@dataclass(frozen=True)
class LifeCycle:
    """All seven stages of a scenario, and their sum."""

    scenario: Scenario
    stages: Mapping[str, StageCost]
    total: Quantities

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "scenario": self.scenario.id,
            "stages": [stage.to_record() for stage in self.stages.values()],
            "total": _records(self.total),
            "plausible": list(PLAUSIBLE),
        }


def life_cycle(scenario: Scenario) -> LifeCycle:
    """Return the classical life-cycle costs of a scenario.

    The stages before tuning are booked by the model's `booked_share`, the later ones in full.

    Raises:
        QwattError: the set-up cannot run, such as too few accelerators for the weights.
    """
    place = scenario.place()
    training = _training(scenario, place)
    development = estimate_development(training, multiple=scenario.architecture.multiple)
    booked = scenario.model.booked_share
    parts: dict[str, tuple[Quantities, tuple[Estimate, ...], str]] = {}
    for stage, estimate, note in (
        ("curation", _curation(scenario, place), "deduplication and filtering"),
        ("encoding", _encoding(scenario, place), "tokenisation"),
        ("architecture", development, "development before the final run"),
        ("training", training, "the final pre-training run"),
    ):
        parts[stage] = (scaled(estimate.quantities, booked), (estimate,), f"{note}; booked share {booked:g}")
    parts["tuning"] = _tuning(scenario, place)
    parts["deployment"] = _deployment(scenario, place)
    watch = _monitoring(scenario, place)
    parts["monitoring"] = (watch.quantities, (watch,), "guard model and logs")
    shares = _shares({stage: parts[stage][0] for stage in STAGES})
    stages = {
        stage: StageCost(stage, _costs(parts[stage][0]), shares[stage], *parts[stage][1:]) for stage in STAGES
    }
    return LifeCycle(scenario, stages, summed(stage.costs for stage in stages.values()))


def deployed(scenario: Scenario) -> Serving:
    """Return the checked serving set-up of a scenario."""
    served = scenario.deployment
    return serving(
        scenario.model.shape(),
        served.accelerator,
        input_tokens=served.input_tokens,
        output_tokens=served.output_tokens,
        gpus=served.gpus,
        batch=served.batch,
        precision=served.precision,
        cache_precision=served.cache_precision,
    )


def _training(scenario: Scenario, place: Site) -> Estimate:
    given, model = scenario.training, scenario.model.shape()
    published = model.gpu_hours if given.accelerator == model.trained_on and given.tokens is None else None
    hours = given.gpu_hours if given.gpu_hours is not None else None if given.mfu is not None else published
    return estimate_training(
        model.params,
        scenario.training_tokens,
        given.accelerator,
        active=model.active,
        gpu_hours=hours,
        mfu=given.mfu,
        gpus=given.gpus,
        context=model.context,
        layers=model.layers,
        width=model.width,
        place=place,
    )


def _curation(scenario: Scenario, place: Site) -> Estimate:
    given = scenario.curation
    raw = scenario.training_tokens if given.raw_tokens is None else given.raw_tokens
    return estimate_curation(
        raw,
        scenario.training.accelerator,
        hashes=given.hashes,
        classifier_params=given.classifier_params,
        passes=given.passes,
        on_gpu=given.on_gpu,
        place=place,
    )


def _encoding(scenario: Scenario, place: Site) -> Estimate:
    return estimate_tokenise(scenario.training_tokens, tokenizer=scenario.encoding.tokenizer, place=place)


def _tuning(scenario: Scenario, place: Site) -> tuple[Quantities, tuple[Estimate, ...], str]:
    given, model = scenario.tuning, scenario.model.shape()
    chip = given.accelerator or scenario.training.accelerator
    one = estimate_tuning(
        model.params,
        given.tokens,
        chip,
        active=model.active,
        method=given.method,
        epochs=given.epochs,
        place=place,
    )
    runs = given.runs_per_year * scenario.deployment.years
    costs = scaled(one.quantities, runs)
    if given.distil is None:
        return costs, (one,), f"{runs:g} fine-tunes"
    student = given.distil
    distil = estimate_distil(
        student.student_params, model, student.tokens, chip, mode=student.mode, place=place
    )
    return summed([costs, distil.quantities]), (one, distil), f"{runs:g} fine-tunes and a distillation"


def _deployment(scenario: Scenario, place: Site) -> tuple[Quantities, tuple[Estimate, ...], str]:
    setup, count = deployed(scenario), scenario.deployment.requests
    return requests(setup, count, place), (estimate_serving(setup, place),), f"{count:.4g} requests"


def _monitoring(scenario: Scenario, place: Site) -> Estimate:
    given, served = scenario.monitoring, scenario.deployment
    return estimate_monitoring(
        served.requests / (365.25 * served.years),
        served.input_tokens,
        served.output_tokens,
        given.accelerator or served.accelerator,
        fraction=given.fraction,
        guard=given.guard_params,
        years=served.years,
        retention_years=given.retention_years,
        guard_batch=given.batch,
        place=place,
    )


def _shares(costs: Mapping[str, Quantities]) -> dict[str, Quantity]:
    """Return each stage's share of the facility energy; a low share pairs its low with the others' high."""
    energies = {stage: _facility(cost) for stage, cost in costs.items()}
    unknown = [stage for stage, energy in energies.items() if not energy.known]
    if unknown:
        why = f"the energy of {', '.join(unknown)} is unknown"
        return {stage: Quantity.unknown(why, "1") for stage in costs}
    ends = {stage: energy.to("kWh").interval for stage, energy in energies.items()}
    sums = [sum(end[i] for end in ends.values()) for i in range(3)]
    return {stage: _share(end, sums) for stage, end in ends.items()}


def _share(own: tuple[float, float, float], sums: list[float]) -> Quantity:
    low, value, high = own
    if sums[1] == 0:
        return Quantity.unknown("no stage takes any energy", "1")
    central = value / sums[1]
    least = low / (low + sums[2] - high) if low > 0 else 0.0
    most = high / (high + max(sums[0] - low, 0.0)) if high > 0 else 0.0
    return Quantity(central, min(least, central), min(max(most, central), 1.0), "1")


def _facility(costs: Quantities) -> Quantity:
    group = costs["energy_kwh"]
    assert not isinstance(group, Quantity)
    return group["facility"]


def _costs(costs: Quantities) -> Quantities:
    return {name: costs[name] for name in COSTS}


def _records(costs: Quantities) -> dict[str, Any]:
    return {
        name: entry.to_record()
        if isinstance(entry, Quantity)
        else {k: q.to_record() for k, q in entry.items()}
        for name, entry in costs.items()
    }


def stage_energy_kwh(cycle: LifeCycle) -> dict[str, Span]:
    """Return the facility energy of each stage as a span, in kWh, for what draws from it.

    Raises:
        QwattError: a stage's energy is unknown.
    """
    return {name: chain.span_of(stage.energy, "kWh") for name, stage in cycle.stages.items()}
