"""The record of one enhancement in a projection: chances, break-even, money, risk and verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qwatt.core.quantity import J_PER_KWH
from qwatt.projection.futures.break_even import percentiles, probabilities, weighted_quantiles
from qwatt.projection.futures.calibrate import Calibration
from qwatt.projection.futures.drawn import interval
from qwatt.projection.futures.duel import reaches_quality
from qwatt.projection.futures.montecarlo import DrawnOutcome, DrawSettings
from qwatt.projection.life.life_cycle import LifeCycle
from qwatt.projection.scaling import Card, today
from qwatt.projection.scaling.quantile import Array, Quantiles, spread
from qwatt.projection.spread import Span
from qwatt.projection.verdicts import claims, money, reasons, risk, rules


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

    @property
    def weights(self) -> Array:
        """Weight of every draw after calibration, shape (draws,)."""
        return self.calibration.weights


def enhancement_record(outcome: DrawnOutcome, context: ProjectionContext) -> dict[str, Any]:
    """Return the record of an enhancement that was played out, as `qwatt.projection.project` lists it."""
    card, settings, weights = outcome.card, context.settings, context.weights
    chances = probabilities(outcome.first, settings.years, weights)
    flow = money.cash_flow(
        outcome, _upside_usd(card, context), context.paid, settings.years, context.quantiles
    )
    amounts = money.summary(flow, context.paid, weights)
    machine = today(card, context.sizes)
    ratio = risk.gap(card, context.sizes, context.pue, settings)
    facts = _facts(card, chances, amounts, machine, ratio[settings.years[-1]]["p50"])
    word = rules.decide(rules.PROJECTED, facts)
    return {
        **_head(card),
        "p_advantage": chances,
        "break_even": percentiles(outcome.first, settings.years, weights),
        "break_even_simulation": percentiles(outcome.first_simulation, settings.years, weights),
        "sensitivity": _sensitivity(outcome, context),
        "ratio": ratio,
        "saved_kwh": _saved(outcome, weights),
        "today": machine,
        "why_not_today": facts.why_not_today,
        "money": amounts,
        "risk": risk.risks(outcome, settings, weights) | {"lock_in": risk.lock_in(machine)},
        "tornado": risk.tornado(card, context.sizes, context.pue, settings),
        "verdict": word,
        "why": reasons.why(facts, word),
    }


def _facts(
    card: Card,
    chances: Mapping[int, float],
    amounts: Mapping[str, Any],
    machine: Mapping[str, Any] | None,
    gap: float | None,
) -> rules.ProjectedFacts:
    return rules.ProjectedFacts(
        runs_today=bool(machine and machine["executable"]),
        p_advantage=chances,
        p_pays=amounts["p_pays"],
        npv_median_usd=amounts["npv_usd"]["p50"],
        gap=gap,
        why_not_today=machine["why"] if machine else _without_machine(card),
    )


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
        "break_even": never,
        "break_even_simulation": never,
        "sensitivity": dict.fromkeys(("uncalibrated", "experts_low", "experts_high"), 0.0),
        "ratio": {},
        "saved_kwh": {"if_it_wins": None, "expected": 0.0, "upside": None},
        "today": None,
        "why_not_today": "no quantum method is known",
        "money": None,
        "risk": None,
        "tornado": [],
        "verdict": "do not",
        "why": card.note,
    }


def _saved(outcome: DrawnOutcome, weights: Array) -> dict[str, Any]:
    """Return facility kWh saved over the model's life: where it wins, and over all draws."""
    saved, won = outcome.saved_j * outcome.times / J_PER_KWH, outcome.first >= 0
    ends = weighted_quantiles(saved[won], [0.1, 0.5, 0.9], weights[won]) if won.any() else None
    return {
        "if_it_wins": None if ends is None else dict(zip(("p10", "p50", "p90"), ends, strict=True)),
        "expected": float(np.average(saved, weights=weights)),
        "upside_share": None if outcome.card.upside is None else outcome.card.upside.to_record(),
    }


def _upside_usd(card: Card, context: ProjectionContext) -> Array:
    """Return what better solutions than the classical ones would save of the stage's money, by draw."""
    if card.upside is None:
        return np.zeros(context.settings.draws)
    usd = context.cycle.stages[card.stage].costs["usd"]
    if isinstance(usd, Mapping) or not usd.known:
        return np.zeros(context.settings.draws)
    share = Span(card.upside.value, card.upside.low, card.upside.high)
    better = spread(share, context.quantiles(f"{card.id}:upside"))
    stage = spread(usd, context.quantiles(f"money:stage.{card.stage}"))
    return np.asarray((better * stage * reaches_quality(card, context.quantiles))[:, 0])
