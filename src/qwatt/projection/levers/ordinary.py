"""Levers that need no quantum computer: classical and inspired methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from qwatt import catalogue
from qwatt.core.quantity import J_PER_KWH, Quantity
from qwatt.projection.catalogued.find import tables
from qwatt.projection.effects.known import (
    EffectBasis,
    LeverEffect,
    Measurements,
    apply_work,
    contained,
    effect_of,
)
from qwatt.projection.effects.stages import StageShares, stage_shares
from qwatt.projection.levers.lever import Lever, in_days, payback, unknown_amount
from qwatt.projection.life.life_cycle import LifeCycle
from qwatt.projection.scaling import Card
from qwatt.projection.scaling.evaluate import evaluate
from qwatt.projection.scaling.quantile import TAIL, Array, Quantiles, spread
from qwatt.projection.spread import Span
from qwatt.projection.verdicts.available import judge_available
from qwatt.projection.verdicts.money import Prices, rates

BEFORE_SERVICE = ("curation", "encoding", "architecture", "training")
MOST_ASSUMED = 0.5
"""From this share on a saving is judged rather than measured."""


@dataclass(frozen=True)
class LeverContext:
    """What every lever of a scenario is made from.

    Args:
        cycle: the life.
        sizes: as `scenario_sizes` gives them.
        quantiles: draws, the same however many futures are played.
        paid: prices of these draws.
        run: effects that a run measured.
    """

    cycle: LifeCycle
    sizes: Mapping[str, Span]
    quantiles: Quantiles
    paid: Prices
    run: Measurements

    @property
    def life_kwh(self) -> Quantity:
        """Facility energy of the whole life."""
        group = self.cycle.total["energy_kwh"]
        assert not isinstance(group, Quantity)
        return group["facility"]


@dataclass(frozen=True)
class Saved:
    """What is saved of some stages over the life, arrays of shape (draws,)."""

    kwh: Array
    usd: Array
    co2e_kg: Array


def ordinary_lever(card: Card, context: LeverContext) -> Lever:
    """Return the lever of a classical or inspired method."""
    effect = effect_of(card.task, card.method, context.run) if _whole(card) else PART
    if isinstance(effect, str):
        return _without(card, effect, {})
    found = stage_shares(effect, context.cycle.scenario, context.quantiles, _drawn_as(card, effect))
    record = _effect_record(effect)
    if found.none:
        return _without(card, found.none, record)
    if not context.life_kwh.known or any(not _known(context.cycle, stage) for stage in found.shares):
        return _without(card, f"the energy of a stage is unknown: {context.life_kwh.reason}", record)
    return _judged(card, effect, found, record, context)


PART = "it does a part of the task: see the methods that do all of it"


def _judged(
    card: Card,
    effect: LeverEffect,
    found: StageShares,
    record: Mapping[str, Any],
    context: LeverContext,
) -> Lever:
    before, service = (
        saved_of(found, context, stages)
        for stages in (BEFORE_SERVICE, [s for s in found.shares if s not in BEFORE_SERVICE])
    )
    saved = Saved(*(getattr(before, n) + getattr(service, n) for n in Saved.__dataclass_fields__))
    cost_kwh = _cost_kwh(card, context)
    compute_usd = cost_kwh * context.paid.usd_per_kwh
    people_usd = np.zeros_like(cost_kwh) if found.in_place else _people_usd(card, context)
    measured = effect.assumed_share < MOST_ASSUMED
    judgement = judge_available(
        _quantity(saved.kwh - cost_kwh, "kWh"),
        _quantity(saved.usd, "USD"),
        _quantity(compute_usd + people_usd, "USD"),
        context.life_kwh,
        measured=measured,
    )
    requests, days = (context.sizes[name].value for name in ("requests", "days"))
    cost_usd = float(np.median(compute_usd + people_usd))
    early, later = (float(np.median(part.usd)) for part in (before, service))
    paid_back = 0.0 if found.in_place else payback(cost_usd, early, later, requests)
    return Lever(
        id=card.id,
        stage=card.stage,
        task=card.task,
        kind=card.kind,
        name=card.name,
        built=card.built,
        saved_kwh=_amount(saved.kwh, effect.basis),
        saved_usd=float(np.median(saved.usd)),
        saved_co2e_kg=float(np.median(saved.co2e_kg)),
        cost_usd=cost_usd,
        cost_kwh=float(np.median(cost_kwh)),
        payback_requests=paid_back,
        payback_days=in_days(paid_back, requests, days),
        assumed_share=effect.assumed_share,
        verdict=judgement.word,
        why=_why(effect, found, judgement.on_threshold),
        effect=record,
        in_place=found.in_place,
        verdict_probabilities=dict(judgement.probabilities),
        on_threshold=judgement.on_threshold,
        by_stage={stage: _medians(saved_of(found, context, [stage])) for stage in found.shares},
    )


def _medians(saved: Saved) -> dict[str, float]:
    return {"kwh": float(np.median(saved.kwh)), "usd": float(np.median(saved.usd))}


def _without(card: Card, why: str, effect: Mapping[str, Any]) -> Lever:
    nothing: dict[str, Any] = dict.fromkeys(
        ("saved_usd", "saved_co2e_kg", "cost_usd", "cost_kwh", "payback_requests", "payback_days")
    )
    return Lever(
        id=card.id,
        stage=card.stage,
        task=card.task,
        kind=card.kind,
        name=card.name,
        built=card.built,
        saved_kwh=unknown_amount(),
        assumed_share=None,
        verdict="do not",
        why=why,
        effect=effect,
        **nothing,
    )


def saved_of(found: StageShares, context: LeverContext, stages: Iterable[str]) -> Saved:
    """Return what is saved of some stages."""
    nothing = np.zeros(len(context.quantiles("shape")))
    kwh = usd = co2e_kg = nothing
    for stage in (stage for stage in stages if stage in found.shares):
        share, (energy, money, carbon) = found.shares[stage], _stage(context, stage)
        kwh, co2e_kg = kwh + share * energy, co2e_kg + share * carbon
        usd = usd + found.usd_shares.get(stage, share) * money
    return Saved(kwh, usd, co2e_kg)


def _stage(context: LeverContext, stage: str) -> tuple[Array, Array, Array]:
    """Return energy, money and carbon of a stage; they move together."""
    costs, u = context.cycle.stages[stage].costs, context.quantiles(f"life:{stage}")
    energy, usd, carbon = (
        entry["facility"] if isinstance(entry, Mapping) else entry
        for entry in (costs["energy_kwh"], costs["usd"], costs["co2e_kg"])
    )
    if not usd.known:
        cheapest = costs["electricity_usd"]
        assert isinstance(cheapest, Quantity)
        usd = cheapest
    kwh, usd_drawn, kg = (spread(q, u)[:, 0] for q in (energy.to("kWh"), usd, carbon))
    return kwh, usd_drawn, kg


def _cost_kwh(card: Card, context: LeverContext) -> Array:
    """Return the energy of the method, where the stage does not consist of it, and of carrying it out."""
    kwh = np.zeros(len(context.quantiles("shape")))
    if not contained(card.task):
        costs = evaluate(card, context.sizes, context.quantiles)
        kwh = kwh + (costs.classical_j * costs.times)[:, 0] / J_PER_KWH
    if (work := apply_work(card.task)) is not None:
        flop, tokens = work
        drawn = spread(tokens, context.quantiles(f"apply:{card.task}"))[:, 0]
        joules = spread(context.sizes["J_flop"], context.quantiles("size:J_flop"))[:, 0]
        kwh = kwh + flop * context.sizes["N_active"].value * drawn * joules / J_PER_KWH
    return np.asarray(kwh)


def _people_usd(card: Card, context: LeverContext) -> Array:
    years = tables("effects")["adoption"][card.kind]
    staff = catalogue.quantity(rates()["pilot"]["staff_usd"])
    drawn = spread(Span.of(years, "1"), context.quantiles(f"adoption:{card.kind}"))
    return np.asarray((drawn * spread(staff, context.quantiles("money:pilot.staff_usd")))[:, 0])


def _quantity(values: Array, unit: str) -> Quantity:
    low, middle, high = (float(x) for x in np.quantile(values, [TAIL, 0.5, 1 - TAIL]))
    return Quantity(middle, low, high, unit)


def _amount(values: Array, basis: EffectBasis) -> dict[str, Any]:
    low, middle, high = _quantity(values, "kWh").interval
    return {"value": middle, "low": low, "high": high, "basis": basis.value}


def _effect_record(effect: LeverEffect) -> dict[str, Any]:
    left, factor = effect.remaining, effect.factor
    return {
        "kind": effect.kind.value,
        "meaning": effect.kind.meaning,
        "remaining": [left.low, left.value, left.high],
        "factor": [factor.low, factor.value, factor.high],
        "basis": effect.basis.value,
        "source": effect.source,
    }


def _why(effect: LeverEffect, found: StageShares, on_threshold: str) -> str:
    left = effect.remaining
    parts = [f"{left.value:.0%} ({left.low:.0%} to {left.high:.0%}) of the {effect.kind.meaning} are left"]
    parts.append(f"{effect.basis.value}: {effect.source}")
    if effect.assumed_share > 0:
        parts.append(f"{effect.assumed_share:.0%} of the effect rests on assumptions")
    if found.in_place:
        parts.append("in place already: this is what it saves today")
    if found.note:
        parts.append(found.note)
    if on_threshold:
        parts.append(f"on a threshold: a little more would turn it into {on_threshold!r}")
    return "; ".join(parts) + "."


def _drawn_as(card: Card, effect: LeverEffect) -> str:
    """Return under which name an effect is drawn: methods that share a value share its draws."""
    return card.id if effect.basis in (EffectBasis.MEASURED, EffectBasis.REFERENCE) else card.task


def _known(cycle: LifeCycle, stage: str) -> bool:
    return cycle.stages[stage].energy.known


def _whole(card: Card) -> bool:
    return card.unit == _unit(card.stage, card.task.split("/")[1])


@cache
def _unit(stage: str, task: str) -> str:
    return str(tables(f"scaling_{stage}")[task]["unit"])
