"""The projection of a scenario: costs by stage, and by enhancement chance, money, risk and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.projection import check, claims, measured, money, risk, verdict
from qwatt.projection.futures.backtest import backtest
from qwatt.projection.futures.break_even import percentiles, probabilities, weighted_quantiles
from qwatt.projection.futures.calibrate import Calibration, calibrated
from qwatt.projection.futures.drawn import interval, tables
from qwatt.projection.futures.duel import reaches_quality
from qwatt.projection.futures.montecarlo import Outcome, Settings, play
from qwatt.projection.life_cycle import LifeCycle, life_cycle
from qwatt.projection.scaling import Card, all_cards, scenario_sizes, today
from qwatt.projection.scaling.quantile import Array, Quantiles, random_quantiles, spread
from qwatt.projection.scenario import Scenario
from qwatt.projection.spread import Span
from qwatt.projection.work import J_PER_KWH


@dataclass(frozen=True)
class Projection:
    """Everything that a projection found, in its JSON form.

    Args:
        scenario: the scenario.
        cycle: its classical life-cycle costs.
        enhancements: one record an enhancement, see `project`.
        claims: one record a claim of the article and the works it cites.
        assumptions: settings, calibration, roadmaps, anchors, rules.
    """

    scenario: Scenario
    cycle: LifeCycle
    enhancements: tuple[Mapping[str, Any], ...]
    claims: tuple[Mapping[str, Any], ...]
    assumptions: Mapping[str, Any]

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        stages = [
            {key: part for key, part in stage.to_record().items() if key != "estimates"}
            for stage in self.cycle.stages.values()
        ]
        return {
            "scenario": self.scenario.id,
            "name": self.scenario.name,
            "stages": stages,
            "total": self.cycle.to_record()["total"],
            "enhancements": [dict(entry) for entry in self.enhancements],
            "claims": [dict(entry) for entry in self.claims],
            "assumptions": dict(self.assumptions),
        }


@dataclass(frozen=True)
class _Context:
    """What every enhancement's record is made from."""

    cycle: LifeCycle
    sizes: Mapping[str, Span]
    settings: Settings
    pue: Span
    quantiles: Quantiles
    paid: money.Prices
    calibration: Calibration

    @property
    def weights(self) -> Array:
        return self.calibration.weights


def project(
    scenario: Scenario,
    draws: int | None = None,
    seed: int | None = None,
    run_folder: RunFolder | None = None,
) -> Projection:
    """Project every enhancement onto a scenario; equal seeds give equal projections.

    Each enhancement's record holds: stage, task, id, name, kind, article {time_scale, potential}, p_advantage
    by year, break_even and break_even_simulation {p10, p50, p90, p_never, horizon}, ratio by year, saved_kwh,
    today, money, risk, tornado, verdict, why.

    Args:
        scenario: the user's model and life.
        draws, seed: Monte Carlo; None takes the scenario's.
        run_folder: a run whose trials anchor the cards.

    Raises:
        QwattError: the scenario's hardware has no published power, or cannot hold the model.
    """
    context = _context(scenario, draws, seed)
    found = measured.measured(run_folder)
    cards, anchors = measured.anchored(all_cards(), context.sizes, found)
    asked = [card for card in cards.values() if card.kind == "quantum"]
    outcomes = {o.card.id: o for o in play(asked, context.sizes, context.pue, context.settings, cards)}
    ids = [card.id for card in cards.values() if card.kind in ("quantum", "none")]
    entries = [
        _entry(outcomes[name], context) if name in outcomes else _nothing(cards[name], context)
        for name in ids
    ]
    return Projection(
        scenario,
        context.cycle,
        tuple(entries),
        tuple(claims.audit(entries, context.cycle, context.settings, found)),
        _assumptions(context, anchors),
    )


def settings_of(scenario: Scenario, draws: int | None = None, seed: int | None = None) -> Settings:
    """Return the Monte Carlo's settings of a scenario's outlook.

    Raises:
        QwattError: the last year is before the first, or draws or seed are out of range.
    """
    outlook = scenario.outlook
    if outlook.last_year < outlook.first_year:
        raise QwattError(
            f"last_year is {outlook.last_year}, before first_year {outlook.first_year}",
            where="outlook.last_year",
            mend=f"give a year from {outlook.first_year} to 2060",
        )
    share = {"mixed": None, "history": 0.0, "vendor": 1.0}[outlook.roadmap]
    return Settings(
        years=tuple(range(outlook.first_year, outlook.last_year + 1)),
        draws=outlook.draws if draws is None else check.whole("draws", draws, 100, 1_000_000),
        seed=outlook.seed if seed is None else check.whole("seed", seed, 0, 2**31),
        vendor_share=share if outlook.vendor_share is None else outlook.vendor_share,
        hardware_gain=outlook.classical_gain_per_year,
    )


def _context(scenario: Scenario, draws: int | None, seed: int | None) -> _Context:
    settings, pue = settings_of(scenario, draws, seed), scenario.place().pue
    quantiles = random_quantiles(settings.draws, settings.seed)
    return _Context(
        life_cycle(scenario),
        scenario_sizes(scenario),
        settings,
        pue,
        quantiles,
        money.prices(scenario, quantiles),
        calibrated(pue, settings),
    )


def _entry(outcome: Outcome, context: _Context) -> dict[str, Any]:
    card, settings, weights = outcome.card, context.settings, context.weights
    chances = probabilities(outcome.first, settings.years, weights)
    flow = money.cash_flow(
        outcome, _upside_usd(card, context), context.paid, settings.years, context.quantiles
    )
    amounts = money.summary(flow, context.paid, weights)
    machine = today(card, context.sizes)
    ratio = risk.gap(card, context.sizes, context.pue, settings)
    facts = _facts(card, chances, amounts, machine, ratio[settings.years[-1]]["p50"])
    word = verdict.verdict(facts)
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
        "why": verdict.why(facts, word),
    }


def _facts(
    card: Card,
    chances: Mapping[int, float],
    amounts: Mapping[str, Any],
    machine: Mapping[str, Any] | None,
    gap: float | None,
) -> verdict.Facts:
    return verdict.Facts(
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


def _sensitivity(outcome: Outcome, context: _Context) -> dict[str, float]:
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


def _nothing(card: Card, context: _Context) -> dict[str, Any]:
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


def _saved(outcome: Outcome, weights: Array) -> dict[str, Any]:
    """Return facility kWh saved over the model's life: where it wins, and over all draws."""
    saved, won = outcome.saved_j * outcome.times / J_PER_KWH, outcome.first >= 0
    ends = weighted_quantiles(saved[won], [0.1, 0.5, 0.9], weights[won]) if won.any() else None
    return {
        "if_it_wins": None if ends is None else dict(zip(("p10", "p50", "p90"), ends, strict=True)),
        "expected": float(np.average(saved, weights=weights)),
        "upside_share": None if outcome.card.upside is None else outcome.card.upside.to_record(),
    }


def _upside_usd(card: Card, context: _Context) -> Array:
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


def _assumptions(context: _Context, anchors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    settings, calibration = context.settings, context.calibration
    return {
        "years": [settings.years[0], settings.years[-1]],
        "draws": settings.draws,
        "seed": settings.seed,
        "vendor_share": tables()["believed"]["share"]["value"]
        if settings.vendor_share is None
        else settings.vendor_share,
        "calibration": {
            "source": tables()["calibration"]["source"],
            "before": calibration.before,
            "after": calibration.after,
            "note": calibration.note,
        },
        "backtest": backtest(),
        "anchors": [dict(record) for record in anchors],
        "rule": verdict.__doc__,
        "catalogues": ["roadmaps", "enhancements", "claims", "scaling_*"],
    }
