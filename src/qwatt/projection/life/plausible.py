"""Stated numbers that are far from what calculators and catalogue expect; a warning, never a refusal."""

from __future__ import annotations

from collections.abc import Iterator

from qwatt.core.quantity import Quantity
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.training import accelerator_hours, training_flop
from qwatt.projection.catalogued.accelerators import accelerator, utilisation
from qwatt.projection.catalogued.find import constant
from qwatt.projection.catalogued.grids import grid
from qwatt.projection.check import Given
from qwatt.projection.life.life_cycle import LifeCycle, StageCost, life_cycle
from qwatt.projection.life.service import service_of
from qwatt.projection.scenario.model import Scenario
from qwatt.projection.spread import Span

SLACK = 1.5
"""How far beyond the expected interval a stated number may lie without a warning, as a factor."""
RECORDED_SLACK = 3.0
"""The same for what was recorded of a stage beside what is calculated."""
MOST_TOKENS_RATIO = 3.0
"""How far stated training tokens may be from a model's published ones."""


def doubts(scenario: Scenario) -> list[str]:
    """Return a sentence for each stated number that is far from the expected one."""
    return [*_training(scenario), *_site(scenario), *_serving(scenario)]


def recorded_doubts(cycle: LifeCycle) -> list[str]:
    """Return a sentence for each recorded stage that is far from the calculated: is it the whole work?"""
    used = [stage for stage in cycle.stages.values() if stage.recorded is not None and stage.recorded.used]
    if not used:
        return []
    calculated = life_cycle(cycle.scenario).stages
    return [text for stage in used for text in _recorded(stage, calculated[stage.stage].energy)]


def _recorded(stage: StageCost, calculated: Quantity) -> Iterator[str]:
    found = stage.energy.to("kWh")
    if not calculated.known or not found.known or not calculated.value:
        return
    low, _, high = calculated.to("kWh").interval
    value = found.interval[1]
    if not low / RECORDED_SLACK <= value <= high * RECORDED_SLACK:
        yield (
            f"the recorded {stage.stage} comes to {value:.3g} kWh, far from the {low:.3g} to {high:.3g} kWh "
            "calculated: is it the whole work, and of this model?"
        )


def _training(scenario: Scenario) -> Iterator[str]:
    given, model = scenario.training, scenario.model.shape()
    if given.downloaded:
        return
    chip = accelerator(given.accelerator)
    expected = utilisation(chip, model.active)
    flop = training_flop(model.active, scenario.training_tokens)
    hours = accelerator_hours(flop, chip, expected)
    card = f"{model.active:.3g} active parameters and {scenario.training_tokens:.3g} tokens on {chip.id}"
    yield from _far("training.gpu_hours", given.gpu_hours, hours, card)
    yield from _far("training.mfu", given.mfu, expected, f"published runs of this size on {chip.id}")
    if model.tokens is not None and given.tokens is not None:
        published = Span(model.tokens, model.tokens / MOST_TOKENS_RATIO, model.tokens * MOST_TOKENS_RATIO)
        yield from _far("training.tokens", given.tokens, published, f"{model.name}'s own run", slack=1.0)
    raw = scenario.curation.raw_tokens
    if raw is not None and raw < scenario.training_tokens:
        yield (
            f"curation.raw_tokens is {raw:.3g}, less than the {scenario.training_tokens:.3g} tokens of the "
            "training: right only where the corpus is repeated"
        )


def _site(scenario: Scenario) -> Iterator[str]:
    given, chip = scenario.site, accelerator(scenario.deployment.accelerator)
    local = grid(given.grid)
    yield from _far("site.pue", given.pue, Span.of(constant("facility", "pue"), "1"), "data centres", slack=1)
    yield from _far("site.kg_per_kwh", given.kg_per_kwh, local.kg_per_kwh, f"{local.name} in {local.year}")
    yield from _far(
        "site.usd_per_kwh", given.usd_per_kwh, local.usd_per_kwh, f"{local.name}'s large consumers"
    )
    yield from _far("site.k_node", given.k_node, chip.k_node, f"nodes of {chip.id}", slack=1)
    if chip.rent is not None:
        yield from _far("site.usd_per_gpu_hour", given.usd_per_gpu_hour, chip.rent, f"the rent of {chip.id}")
    on, off = (Span.of(constant("facility", name), "L/kWh") for name in ("wue_on_site", "wue_off_site"))
    yield from _far("site.wue_on_site", given.wue_on_site, on, "published sites")
    yield from _far("site.wue_off_site", given.wue_off_site, off, "published power plants")


def _serving(scenario: Scenario) -> Iterator[str]:
    served, one = scenario.deployment, estimate_inference(service_of(scenario))
    largest = float(one.inputs["largest_batch"])
    if served.batch is not None and served.batch > largest:
        yield f"deployment.batch is {served.batch:g}; the cache leaves room for {largest:.0f} requests"
    hours, idle = one["gpu_hours_per_request"], one["idle_per_request"]
    if (
        served.utilisation is None
        or not (hours.known and idle.known)
        or "always on" not in (idle.reason or "")
    ):
        return
    stated = Span.given(served.utilisation)
    yield f"deployment.utilisation is {stated}, but {idle.reason}: the larger idling is charged"


def _far(
    field: str, stated: Given | None, expected: Span, of_what: str, *, slack: float = SLACK
) -> Iterator[str]:
    """Yield a warning where a stated value lies outside the expected interval, widened by the slack."""
    if stated is None:
        return
    value = Span.given(stated).value
    if not expected.low / slack <= value <= expected.high * slack:
        between = f"{expected.low:.3g} to {expected.high:.3g}"
        yield f"{field} is {value:.3g}, far from the {between} expected of {of_what}"
