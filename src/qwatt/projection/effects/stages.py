"""From an effect to the share that each stage of the life is saved, draw by draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from qwatt.core.effect import EffectKind
from qwatt.projection.calculators.serving import Serving, serving
from qwatt.projection.catalogued.find import constant, tables
from qwatt.projection.effects.fewer_bits import best_of_fewer_bits, joules_over_floats
from qwatt.projection.effects.known import LeverEffect
from qwatt.projection.effects.served import saved_in_service, usual_batch
from qwatt.projection.life.service import service_of
from qwatt.projection.scaling.quantile import Array, Quantiles, spread
from qwatt.projection.scenario.model import Scenario
from qwatt.projection.spread import Span

FLOAT_BITS = 16.0


@dataclass(frozen=True)
class StageShares:
    """What an effect saves.

    Args:
        shares: by stage the saved share of its energy, shape (draws,); negative where more is taken. Where
            `in_place`, relative to the stage as it is: above what the life would take without the lever.
        usd_shares: the same of the money; the energy's where empty.
        in_place: whether the scenario has the lever already; the shares are what it saves today.
        none: why nothing in this life can be saved by it; empty otherwise.
        note: what a reader must know of how it was found; empty otherwise.
    """

    shares: Mapping[str, Array]
    usd_shares: Mapping[str, Array] = field(default_factory=dict)
    in_place: bool = False
    none: str = ""
    note: str = ""


def stage_shares(effect: LeverEffect, scenario: Scenario, quantiles: Quantiles, name: str) -> StageShares:
    """Return what an effect saves of each stage.

    Args:
        effect: the effect.
        scenario: the life.
        quantiles: the draws.
        name: under which the effect is drawn.
    """
    left = spread(effect.remaining, quantiles(f"effect:{name}"))[:, 0]
    factor = effect.scale * spread(effect.factor, quantiles(f"effect:{name}:factor"))[:, 0]
    if effect.of_raw_corpus:
        return _less_of_the_raw_corpus(left, factor, scenario)
    return _ROUTES[effect.kind](left, factor, scenario)


_PRETRAINING = ("encoding", "architecture", "training")
"""What takes less where there are fewer training tokens: runs before the final one are a multiple of it."""


def _fewer_tokens(left: Array, factor: Array, scenario: Scenario) -> StageShares:
    saved = factor * (1.0 - left)
    return _not_trained(scenario) or StageShares(dict.fromkeys(_PRETRAINING, saved))


def _less_of_the_raw_corpus(left: Array, factor: Array, scenario: Scenario) -> StageShares:
    """Fewer of the raw tokens; where the scenario trains on fewer than it has, that is in place."""
    if none := _not_trained(scenario):
        return none
    raw = scenario.curation.raw_tokens
    done = scenario.training_tokens / raw if raw and raw > scenario.training_tokens else 1.0
    return _reduced(left, factor, done, _PRETRAINING)


def _to_target(left: Array, factor: Array, scenario: Scenario) -> StageShares:
    saved = factor * (1.0 - left)
    return _not_trained(scenario) or StageShares({"architecture": saved, "training": saved})


def _search(left: Array, factor: Array, scenario: Scenario) -> StageShares:
    return _not_trained(scenario) or StageShares({"architecture": factor * (1.0 - left)})


def _shorter_text(left: Array, factor: Array, scenario: Scenario) -> StageShares:
    saved = factor * (1.0 - left)
    stages = ("architecture", "training", "tuning", "deployment", "monitoring")
    return _not_trained(scenario) or StageShares(dict.fromkeys(stages, saved))


def _tuning(left: Array, factor: Array, scenario: Scenario) -> StageShares:
    if none := _no_tuning(scenario):
        return none
    usual = Span.of(constant("training", "flop_adapter"), "FLOP/token").value
    whole = Span.of(constant("training", "flop_full"), "FLOP/token").value
    done = usual / whole if scenario.tuning.method == "lora" else 1.0
    return _reduced(left, factor, done, ("tuning",))


def _retrainings(left: Array, factor: Array, scenario: Scenario) -> StageShares:
    return _no_tuning(scenario) or StageShares({"tuning": factor * (1.0 - left)})


def _fewer_weights(left: Array, factor: Array, scenario: Scenario) -> StageShares:
    """A smaller model in service: fewer weights to read and to multiply; the cache stays as it is."""

    def smaller(setup: Serving, share: float) -> Serving:
        model = setup.model
        scaled = {n: getattr(model, n) * share for n in ("params", "active", "expert_params")}
        return replace(setup, model=replace(model, **scaled))

    return _of_service(saved_in_service(scenario, left, smaller), factor)


def _fewer_bits(left: Array, factor: Array, scenario: Scenario) -> StageShares:
    """Weights of fewer bits: fewer bytes to read, as far as their kernels were measured to save by it."""
    own = 8.0 * _weight_bytes(scenario) / FLOAT_BITS
    same = Span.of(tables("effects")["in_place"]["same"], "1").value
    in_place = bool(own < 1.0 and own * same <= float(np.median(left)))
    # In place: against floats that were served instead. Else: from the bits of today down to the effect's.
    ratio = np.full_like(left, 1.0 / own) if in_place else np.minimum(left / own, 1.0)

    def lighter(setup: Serving, share: float) -> Serving:
        return replace(setup, weight_bytes=setup.weight_bytes * share)

    bounds, note = _as_measured(scenario, in_place)
    found = saved_in_service(scenario, ratio, lighter, bounds)
    return replace(_of_service(found, -factor if in_place else factor, in_place), note=note)


def _as_measured(scenario: Scenario, in_place: bool) -> tuple[tuple[float, float], str]:
    """Return least and most joules per token over today's that kernels were measured to take, and a note."""
    setup, own = serving(service_of(scenario)), scenario.deployment.precision
    batch = usual_batch(setup)
    if in_place:
        ratio = joules_over_floats(own, batch)
        if ratio is None:
            return (0.0, np.inf), f"no measurement of {own} beside floats"
        text = f"{own} was measured to take {ratio:.2g} times the joules of floats at a batch of {batch:g}"
        return (0.0, max(1.0 / ratio, 1.0)), text
    best = best_of_fewer_bits(setup, own, batch)
    if best is None:
        return (0.0, np.inf), f"no measurement of fewer bits than {own} on such a chip"
    text = f"at a batch of {batch:g} {best.format} was measured at {best.ratio:.2g} times the joules of {own}"
    if best.format == own:
        text = f"at a batch of {batch:g} no fewer bits than {own} were measured to save"
    return (best.ratio, np.inf), f"{text}: no more is credited"


def _of_service(found: tuple[Array, Array] | str, factor: Array, in_place: bool = False) -> StageShares:
    if isinstance(found, str):
        return StageShares({}, none=found)
    energy, hours = found
    return StageShares({"deployment": factor * energy}, {"deployment": factor * hours}, in_place)


def _stored(left: Array, factor: Array, scenario: Scenario) -> StageShares:
    return StageShares({}, none="the scenario has no store of vectors")


def _reduced(left: Array, factor: Array, done: float, stages: tuple[str, ...]) -> StageShares:
    """Return what is saved of stages whose amount the scenario has brought down to `done` already."""
    same = Span.of(tables("effects")["in_place"]["same"], "1").value
    after = 1.0 - factor * (1.0 - left)
    if done < 1.0 and done * same <= float(np.median(after)):
        return StageShares(dict.fromkeys(stages, 1.0 / np.maximum(after, done) - 1.0), in_place=True)
    left_to_do = np.minimum(after / done, 1.0) if done < 1.0 else after
    return StageShares(dict.fromkeys(stages, 1.0 - left_to_do))


def _not_trained(scenario: Scenario) -> StageShares | None:
    if scenario.training.downloaded or scenario.model.booked_share == 0:
        return StageShares({}, none="others trained the model: nothing of it can be saved here")
    return None


def _no_tuning(scenario: Scenario) -> StageShares | None:
    runs = scenario.tuning.runs_per_year * scenario.tuning.tokens
    return None if runs > 0 else StageShares({}, none="there is no fine-tuning in this life")


def _weight_bytes(scenario: Scenario) -> float:
    return Span.of(tables("llm")["precision_bytes"][scenario.deployment.precision], "byte").value


Route = Callable[[Array, Array, Scenario], StageShares]
_ROUTES: Mapping[EffectKind, Route] = {
    EffectKind.TRAINING_TOKENS: _fewer_tokens,
    EffectKind.TOKENS_TO_TARGET: _to_target,
    EffectKind.SEARCH_TRAININGS: _search,
    EffectKind.TOKENS_OF_A_TEXT: _shorter_text,
    EffectKind.WEIGHTS: _fewer_weights,
    EffectKind.WEIGHT_BITS: _fewer_bits,
    EffectKind.TUNING_ENERGY: _tuning,
    EffectKind.RETRAININGS: _retrainings,
    EffectKind.STORED_BYTES: _stored,
}
