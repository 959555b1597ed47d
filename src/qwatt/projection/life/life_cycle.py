"""The classical energy, money and carbon of a model's life, stage by stage, and each stage's share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qwatt.core.energy_log import StageTotal
from qwatt.core.quantity import Quantity
from qwatt.core.task import STAGES
from qwatt.projection.calculators.curation import CurationInput, estimate_curation
from qwatt.projection.calculators.development import DevelopmentInput, estimate_development
from qwatt.projection.calculators.distil import DistilInput, estimate_distil
from qwatt.projection.calculators.estimate import Estimate, Quantities
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.monitoring import MonitoringInput, estimate_monitoring
from qwatt.projection.calculators.tokenise import TokeniseInput, estimate_tokenise
from qwatt.projection.calculators.training import TrainingInput, estimate_training
from qwatt.projection.calculators.tuning import TuningInput, estimate_tuning
from qwatt.projection.calculators.work import COSTS, nothing, records, requests, scaled, summed
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.life.accounting import accounting
from qwatt.projection.life.recorded import Recorded, Standing, by_request, each, once, with_measured
from qwatt.projection.life.service import service_of
from qwatt.projection.life.sunk import Sunk, sunk_training
from qwatt.projection.scenario.model import Scenario

PLAUSIBLE = (
    "Meta: training : inference 35 : 65 for a language model (arXiv:2111.00364)",
    "Google 2019-21: training : inference 40 : 60 (arXiv:2204.05149)",
    "BLOOM: final run 37 % of the project (arXiv:2211.02001)",
    "OLMo: development over final training 0.50 (arXiv:2503.05804)",
)
"""Published splits to hold the shares against; their boundaries differ, and none is an input."""


Part = tuple[Quantities, tuple[Estimate, ...], str, Standing | None]
"""A stage's costs over the life, the estimates behind them, what is contained, what was recorded of it."""


@dataclass(frozen=True)
class StageCost:
    """What one stage costs over the model's life.

    Args:
        stage: one of the seven.
        costs: gpu_hours, energy_kwh {device, node, facility}, co2e_kg, usd, electricity_usd, embodied_kgco2e.
        share: of the life's facility energy.
        estimates: the calculators behind it, of one run or one request.
        note: what is contained.
        recorded: what the user recorded of it.
    """

    stage: str
    costs: Quantities
    share: Quantity
    estimates: tuple[Estimate, ...]
    note: str
    recorded: Standing | None = None

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
            **records(self.costs),
            "share": self.share.to_record(),
            "note": self.note if self.recorded is None else f"{self.note}; {self.recorded.note}",
            "recorded": None if self.recorded is None else self.recorded.to_record(),
        } | {"estimates": [estimate.to_record() for estimate in self.estimates]}


@dataclass(frozen=True)
class LifeCycle:
    """All seven stages of a scenario, and their sum."""

    scenario: Scenario
    stages: Mapping[str, StageCost]
    total: Quantities
    sunk: Sunk | None = None

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "scenario": self.scenario.id,
            "stages": [stage.to_record() for stage in self.stages.values()],
            "total": records(self.total),
            "sunk": None if self.sunk is None else self.sunk.to_record(),
            "accounting": accounting(self.scenario.place(), self.total),
            "plausible": list(PLAUSIBLE),
        }


def life_cycle(scenario: Scenario, recorded: Recorded | None = None) -> LifeCycle:
    """Return the classical life-cycle costs of a scenario.

    The stages before tuning are booked by the model's `booked_share`, the later ones in full.

    Args:
        scenario: the user's model and life.
        recorded: what was recorded of stages, which stands in place of what is calculated.

    Raises:
        QwattError: the set-up cannot run, such as too few accelerators for the weights.
    """
    found = recorded or {}
    parts = _nothing_before(scenario, found) if scenario.training.downloaded else _before(scenario, found)
    parts["tuning"] = _tuning(scenario, found.get("tuning"))
    parts["deployment"] = _deployment(scenario, found.get("deployment"))
    parts["monitoring"] = _monitoring(scenario, found.get("monitoring"))
    shares = _shares({stage: parts[stage][0] for stage in STAGES})
    stages = {
        stage: StageCost(stage, _costs(parts[stage][0]), shares[stage], *parts[stage][1:]) for stage in STAGES
    }
    total = summed(stage.costs for stage in stages.values())
    return LifeCycle(scenario, stages, total, sunk_training(scenario))


def _before(scenario: Scenario, recorded: Recorded) -> dict[str, Part]:
    """Return the stages before tuning of one's own model, by its booked share."""
    booked = scenario.model.booked_share

    def part(stage: str, estimate: Estimate, note: str) -> Part:
        standing = once(recorded[stage], booked) if stage in recorded else None
        costs = scaled(estimate.quantities, booked)
        measured = _measured(costs, standing, scenario, scenario.training.accelerator)
        return measured, (estimate,), f"{note}; booked share {booked:g}", standing

    return {
        stage: part(stage, estimate, note)
        for stage, estimate, note in (
            ("curation", _curation(scenario), "deduplication and filtering"),
            ("encoding", _encoding(scenario), "tokenisation"),
            ("architecture", _architecture(scenario), "development before the final run"),
            ("training", estimate_training(_training(scenario)), "the final pre-training run"),
        )
    }


def _nothing_before(scenario: Scenario, recorded: Recorded) -> dict[str, Part]:
    """Return the stages before tuning of a downloaded model: nothing but what the user recorded."""

    def part(stage: str) -> Part:
        standing = once(recorded[stage], 1.0) if stage in recorded else None
        costs = _measured(nothing(), standing, scenario, scenario.training.accelerator)
        return costs, (), "downloaded: others' work, shown apart as sunk", standing

    return {stage: part(stage) for stage in ("curation", "encoding", "architecture", "training")}


def _measured(costs: Quantities, standing: Standing | None, scenario: Scenario, chip: str) -> Quantities:
    return with_measured(costs, standing, accelerator(chip), scenario.place())


def _curation(scenario: Scenario) -> Estimate:
    given = scenario.curation
    corpus = CurationInput.of(
        scenario.site,
        given,
        tokens=scenario.training_tokens if given.raw_tokens is None else given.raw_tokens,
        accelerator=scenario.training.accelerator,
    )
    return estimate_curation(corpus)


def _encoding(scenario: Scenario) -> Estimate:
    return estimate_tokenise(
        TokeniseInput.of(scenario.site, scenario.encoding, tokens=scenario.training_tokens)
    )


def _architecture(scenario: Scenario) -> Estimate:
    return estimate_development(DevelopmentInput.of(scenario.architecture, final=_training(scenario)))


def _training(scenario: Scenario) -> TrainingInput:
    """Return the final run: by GPU-hours where they are given or published, else by parameters and tokens."""
    given, model = scenario.training, scenario.model.shape()
    published = model.gpu_hours if given.accelerator == model.trained_on and given.tokens is None else None
    hours = given.gpu_hours if given.gpu_hours is not None else None if given.mfu is not None else published
    shape = {"context": model.context, "layers": model.layers, "width": model.width}
    if hours is not None:
        return TrainingInput.of(
            scenario.site, accelerator=given.accelerator, gpus=given.gpus, gpu_hours=hours, **shape
        )
    return TrainingInput.of(
        scenario.site,
        given,
        params=model.params,
        active=model.active,
        tokens=scenario.training_tokens,
        **shape,
    )


def _tuning(scenario: Scenario, recorded: StageTotal | None) -> Part:
    given, model = scenario.tuning, scenario.model.shape()
    chip = given.accelerator or scenario.training.accelerator
    shape = {"params": model.params, "active": model.active}
    one = estimate_tuning(TuningInput.of(scenario.site, given, accelerator=chip, **shape))
    runs = given.runs_per_year * scenario.deployment.years
    standing = None if recorded is None else each(recorded, runs)
    costs = _measured(scaled(one.quantities, runs), standing, scenario, chip)
    if given.distil is None:
        return costs, (one,), f"{runs:g} fine-tunes", standing
    distil = estimate_distil(DistilInput.of(scenario.site, given.distil, teacher=model, accelerator=chip))
    whole = summed([costs, distil.quantities])
    return whole, (one, distil), f"{runs:g} fine-tunes and a distillation", standing


def _deployment(scenario: Scenario, recorded: StageTotal | None) -> Part:
    served, request = scenario.deployment, service_of(scenario)
    one = estimate_inference(request)
    standing = None if recorded is None else by_request(recorded, served.requests)
    costs = _measured(requests(request, served.requests), standing, scenario, served.accelerator)
    note = f"{served.requests:.4g} requests; {one['idle_per_request'].reason}"
    return costs, (one,), note, standing


def _monitoring(scenario: Scenario, recorded: StageTotal | None) -> Part:
    given, served = scenario.monitoring, scenario.deployment
    service = MonitoringInput.of(
        scenario.site,
        given,
        requests_per_day=served.requests / (365.25 * served.years),
        input_tokens=served.input_tokens,
        output_tokens=served.output_tokens,
        years=served.years,
        guard=given.guard_params,
        accelerator=given.accelerator or served.accelerator,
    )
    watch = estimate_monitoring(service)
    standing = None if recorded is None else by_request(recorded, given.fraction * served.requests)
    chip = given.accelerator or served.accelerator
    return _measured(watch.quantities, standing, scenario, chip), (watch,), "guard model and logs", standing


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
