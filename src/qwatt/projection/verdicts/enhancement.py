"""The record of one enhancement in a projection: chances, break-even, money, risk and verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qwatt.core.quantity import J_PER_KWH
from qwatt.projection.futures.break_even import percentiles, probabilities, weighted_quantiles
from qwatt.projection.futures.calibrate import Calibration
from qwatt.projection.futures.drawn import interval
from qwatt.projection.futures.montecarlo import DrawSettings
from qwatt.projection.futures.outcome import DrawnOutcome
from qwatt.projection.life.life_cycle import LifeCycle
from qwatt.projection.scaling import Card, rivals, today
from qwatt.projection.scaling.quantile import Array, Quantiles
from qwatt.projection.spread import Span
from qwatt.projection.verdicts import claims, money, reasons, risk, rules
from qwatt.projection.verdicts.better import better
from qwatt.projection.verdicts.ceiling import Ceiling, ceiling
from qwatt.projection.verdicts.limits import shares
from qwatt.projection.verdicts.needs import needs, standing
from qwatt.projection.verdicts.triggers import expires, trigger


@dataclass(frozen=True)
class ProjectionContext:
    """What every enhancement's record is made from."""

    cycle: LifeCycle
    sizes: Mapping[str, Span]
    settings: DrawSettings
    pue: Span
    quantiles: Quantiles
    paid: money.Prices
    calibration: Calibration
    kg_per_kwh: float
    cards: Mapping[str, Card]

    @property
    def weights(self) -> Array:
        """Weight of every draw after calibration, shape (draws,)."""
        return self.calibration.weights

    @property
    def life_kwh(self) -> float | None:
        """Facility energy of the whole life, None where unknown."""
        group = self.cycle.total["energy_kwh"]
        found = group["facility"] if isinstance(group, Mapping) else group
        return found.to("kWh").interval[1] if found.known else None


def enhancement_record(outcome: DrawnOutcome, context: ProjectionContext) -> dict[str, Any]:
    """Return the record of an enhancement that was played out, as `qwatt.projection.project` lists it."""
    card, settings, weights = outcome.card, context.settings, context.weights
    chances = probabilities(outcome.first, settings.years, weights)
    upside = better(card, context.cycle, context.quantiles)
    flow = money.cash_flow(outcome, upside, context.paid, settings.years, context.quantiles)
    amounts = money.summary(flow, context.paid, weights)
    most = ceiling(outcome, upside, context.paid, context.kg_per_kwh, context.life_kwh)
    machine = None if settings.free_qpu else today(card, context.sizes)
    against = [context.cards.get(rival.id, rival) for rival in rivals(card)]
    ratio = risk.gap(card, context.sizes, context.pue, settings, against)
    distance = _distance(ratio)
    found = shares(outcome, most, weights, settings.free_qpu)
    judgement = rules.judge(_futures(outcome, flow, most, machine, context))
    facts = reasons.Facts(
        judgement=judgement,
        measured=card.measured,
        p_last=chances[settings.years[-1]],
        p_pays=amounts["p_pays"],
        gap=ratio[settings.years[-1]]["p50"],
        shares=found,
        ceiling=most.summary(weights),
        why_not_today="" if settings.free_qpu else _why_not_today(card, machine),
    )
    return {
        **_head(card),
        "p_advantage": chances,
        "p_in_year": _in_year(outcome, context),
        "break_even": percentiles(outcome.first, settings.years, weights),
        "break_even_simulation": percentiles(outcome.first_simulation, settings.years, weights),
        "sensitivity": _sensitivity(outcome, context),
        "ratio": ratio,
        "distance": distance,
        "limit": found.limit,
        **_outlook(outcome, context, against),
        "expires": expires(distance, judgement.on_threshold),
        "ceiling": facts.ceiling,
        "saved_kwh": _saved(outcome, weights),
        "today": machine,
        "why_not_today": facts.why_not_today,
        "money": amounts,
        "risk": risk.risks(outcome, settings, weights) | {"lock_in": risk.lock_in(machine)},
        "tornado": risk.tornado(card, context.sizes, context.pue, settings),
        "verdict": judgement.word,
        "verdict_probabilities": dict(judgement.probabilities),
        "on_threshold": judgement.on_threshold,
        "why": reasons.why(facts),
    }


def _futures(
    outcome: DrawnOutcome,
    flow: money.CashFlow,
    most: Ceiling,
    machine: Mapping[str, Any] | None,
    context: ProjectionContext,
) -> rules.Futures:
    settings, first = context.settings, outcome.first
    years = np.asarray(settings.years)
    near = np.flatnonzero(years <= years[0] + rules.threshold("near_years"))[-1]
    share = most.above_share(flow.kwh)
    return rules.Futures(
        runs_today=settings.free_qpu or bool(machine and machine["executable"]),
        measured=outcome.card.measured,
        saves_now=first == 0,
        saves_near=(first >= 0) & (first <= near),
        saves_ever=first >= 0,
        pays=flow.npv > 0,
        share=share,
        material=share & (flow.usd >= rules.threshold("least_usd")),
        worth=most.worth,
        weights=context.weights,
    )


def _distance(ratio: Mapping[int, Any]) -> dict[int, float | None]:
    """Return log10 of the joules over the best classical method's, median, on a machine of any size."""
    middles = {year: ends["p50"] for year, ends in ratio.items()}
    return {year: None if not p50 else math.log10(p50) for year, p50 in middles.items()}


def _outlook(outcome: DrawnOutcome, context: ProjectionContext, against: Sequence[Card]) -> dict[str, Any]:
    """Return what would have to be true, and when to look again; nothing where QPUs are free already."""
    if context.settings.free_qpu:
        return {"needs": [], "trigger": None, "trigger_tests": None}
    place = (context.sizes, context.pue, context.settings, against)
    found = standing(outcome.card, *place)
    test = trigger(standing(outcome.card, *place, draws=0))
    quality = float(np.average(outcome.reaches, weights=context.weights))
    return {
        "needs": needs(found, quality),
        "trigger": None if test is None else str(test),
        "trigger_tests": None if test is None else test.to_record(),
    }


def _in_year(outcome: DrawnOutcome, context: ProjectionContext) -> dict[int, float]:
    """Return by year the probability that it takes less energy in that year."""
    chances = np.average(outcome.wins, axis=0, weights=context.weights)
    return {year: float(p) for year, p in zip(context.settings.years, chances, strict=True)}


def _why_not_today(card: Card, machine: Mapping[str, Any] | None) -> str:
    return str(machine["why"]) if machine else _without_machine(card)


def _without_machine(card: Card) -> str:
    """Return why no QPU of today was priced: circuits for it do not fit any, or there is nothing to do."""
    if "logical" in card.demands:
        return "it needs a fault-tolerant machine"
    return "there is no such work in this scenario"


def _sensitivity(outcome: DrawnOutcome, context: ProjectionContext) -> dict[str, float]:
    """Return the chance by the last year without calibration, and at either end of the experts' range."""
    experts = interval("calibration", "probability")
    last = context.settings.years[-1]

    def chance(weights: Array) -> float:
        return probabilities(outcome.first, context.settings.years, weights)[last]

    towards = context.calibration.towards
    return {
        "uncalibrated": chance(np.ones(context.settings.draws)),
        "experts_low": chance(towards(experts.low)),
        "experts_high": chance(towards(experts.high)),
    }


def _head(card: Card) -> dict[str, Any]:
    row = claims.rows()[card.stage]
    return {
        "stage": card.stage,
        "task": card.task,
        "id": card.id,
        "name": card.name,
        "kind": card.kind,
        "enhancement": card.article,
        "article": {"time_scale": row["time_scale"], "potential": row["potential"]},
        "unit_of_work": card.unit,
        "valid": card.valid,
    }


def unplayed_record(card: Card, context: ProjectionContext) -> dict[str, Any]:
    """Return the record of a row for which no quantum method is known."""
    years = context.settings.years
    never = {"p10": None, "p50": None, "p90": None, "p_never": 1.0, "horizon": years[-1]}
    return {
        **_head(card),
        "p_advantage": dict.fromkeys(years, 0.0),
        "p_in_year": dict.fromkeys(years, 0.0),
        "break_even": never,
        "break_even_simulation": never,
        "sensitivity": dict.fromkeys(("uncalibrated", "experts_low", "experts_high"), 0.0),
        "ratio": {},
        "distance": {},
        "needs": [],
        "trigger": None,
        "trigger_tests": None,
        "expires": None,
        "limit": "by construction",
        "ceiling": {"kwh": 0.0, "kwh_p90": 0.0, "co2e_kg": 0.0, "usd": 0.0, "share": 0.0},
        "saved_kwh": {"if_it_wins": None, "expected": 0.0, "upside": None},
        "today": None,
        "why_not_today": "no quantum method is known",
        "money": None,
        "risk": None,
        "tornado": [],
        "verdict": "do not",
        "verdict_probabilities": {word: float(word == "do not") for word in rules.WORDS},
        "on_threshold": "",
        "why": card.note,
    }


def _saved(outcome: DrawnOutcome, weights: Array) -> dict[str, Any]:
    """Return facility kWh saved over the model's life: where it wins, and over all draws."""
    won = outcome.first >= 0
    saved = np.where(won, outcome.first_use.saved_j * outcome.times / J_PER_KWH, 0.0)
    ends = weighted_quantiles(saved[won], [0.1, 0.5, 0.9], weights[won]) if won.any() else None
    return {
        "if_it_wins": None if ends is None else dict(zip(("p10", "p50", "p90"), ends, strict=True)),
        "expected": float(np.average(saved, weights=weights)),
        "upside_share": None if outcome.card.upside is None else outcome.card.upside.to_record(),
    }
