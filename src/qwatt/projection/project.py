"""The projection of a scenario: costs by stage, and by enhancement chance, money, risk and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.projection import check
from qwatt.projection.effects.known import measured_effects, reference_record
from qwatt.projection.futures.backtest import backtest
from qwatt.projection.futures.calibrate import calibrated
from qwatt.projection.futures.drawn import tables
from qwatt.projection.futures.montecarlo import DrawSettings, play
from qwatt.projection.levers.lever import Lever
from qwatt.projection.levers.ranked import ranked_levers
from qwatt.projection.life.life_cycle import LifeCycle, life_cycle
from qwatt.projection.life.plausible import doubts, recorded_doubts
from qwatt.projection.life.recorded import Recorded, recorded_of
from qwatt.projection.scaling import Card, all_cards, scenario_sizes
from qwatt.projection.scaling.quantile import random_quantiles
from qwatt.projection.scenario.model import Scenario
from qwatt.projection.verdicts import claims, measured, money, rules
from qwatt.projection.verdicts.enhancement import ProjectionContext, enhancement_record, unplayed_record


@dataclass(frozen=True)
class Projection:
    """Everything that a projection found, in its JSON form.

    Args:
        scenario: the scenario.
        cycle: its classical life-cycle costs.
        enhancements: one record an enhancement, see `project`.
        levers: levers of every kind, by stage, the best first.
        claims: one record a claim of the article and the works it cites.
        assumptions: settings, calibration, roadmaps, anchors, rules.
        cards: by id, where measured trials changed them.
    """

    scenario: Scenario
    cycle: LifeCycle
    enhancements: tuple[Mapping[str, Any], ...]
    levers: tuple[Lever, ...]
    claims: tuple[Mapping[str, Any], ...]
    assumptions: Mapping[str, Any]
    cards: Mapping[str, Card] = field(default_factory=dict)

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            **life_record(self.cycle),
            "levers": [lever.to_record() for lever in self.levers],
            "enhancements": [dict(entry) for entry in self.enhancements],
            "claims": [dict(entry) for entry in self.claims],
            "assumptions": dict(self.assumptions),
        }


def life_record(cycle: LifeCycle) -> dict[str, Any]:
    """Return what is known before any future is played: the life by stage, what is filed, warnings."""
    life = cycle.to_record()
    stages = [{key: part for key, part in stage.items() if key != "estimates"} for stage in life["stages"]]
    return {
        "scenario": cycle.scenario.id,
        "name": cycle.scenario.name,
        "stages": stages,
        "total": life["total"],
        "sunk": life["sunk"],
        "accounting": life["accounting"],
        "warnings": [*doubts(cycle.scenario), *recorded_doubts(cycle)],
    }


def project(
    scenario: Scenario,
    draws: int | None = None,
    seed: int | None = None,
    run_folder: RunFolder | None = None,
    *,
    free_qpu: bool = False,
) -> Projection:
    """Project every enhancement onto a scenario; equal seeds give equal projections.

    Each enhancement's record holds: stage, task, id, name, kind, article {time_scale, potential}, p_advantage
    (ever by a year) and p_in_year (in that year), break_even and break_even_simulation {p10, p50, p90,
    p_never, horizon}, ratio and distance (log10 of its median) by year, limit, ceiling {kwh, kwh_p90,
    co2e_kg, usd, share}, needs, trigger, trigger_tests, expires, saved_kwh, today, money, risk, tornado,
    verdict, verdict_probabilities, on_threshold, why.

    Args:
        scenario: the user's model and life.
        draws, seed: Monte Carlo; None takes the scenario's.
        run_folder: a run whose trials anchor the cards, and whose recorded energy stands in the life.
        free_qpu: answer as if QPUs cost nothing and had any size.

    Raises:
        QwattError: the scenario's hardware has no published power, or cannot hold the model.
    """
    found = measured.measured(run_folder)
    cards, anchors = measured.anchored(all_cards(), scenario_sizes(scenario), found)
    recorded = recorded_of(None if run_folder is None else run_folder.path)
    settings = replace(settings_of(scenario, draws, seed), free_qpu=free_qpu)
    context = context_of(scenario, settings, cards, recorded)
    asked = [card for card in cards.values() if card.kind == "quantum"]
    outcomes = {o.card.id: o for o in play(asked, context.sizes, context.pue, context.settings, cards)}
    ids = [card.id for card in cards.values() if card.kind in ("quantum", "none")]
    entries = [
        enhancement_record(outcomes[name], context)
        if name in outcomes
        else unplayed_record(cards[name], context)
        for name in ids
    ]
    run = measured_effects(found.trials)
    levers = ranked_levers(cards, entries, context.cycle, context.sizes, run, context.settings.seed)
    return Projection(
        scenario,
        context.cycle,
        tuple(entries),
        tuple(levers),
        tuple(claims.audit(entries, context.cycle, context.settings, found)),
        _assumptions(context, anchors),
        cards,
    )


def settings_of(scenario: Scenario, draws: int | None = None, seed: int | None = None) -> DrawSettings:
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
    return DrawSettings(
        years=tuple(range(outlook.first_year, outlook.last_year + 1)),
        draws=outlook.draws if draws is None else check.whole("draws", draws, 100, 1_000_000),
        seed=outlook.seed if seed is None else check.whole("seed", seed, 0, 2**31),
        vendor_share=share if outlook.vendor_share is None else outlook.vendor_share,
        hardware_gain=outlook.classical_gain_per_year,
    )


def context_of(
    scenario: Scenario,
    settings: DrawSettings,
    cards: Mapping[str, Card] | None = None,
    recorded: Recorded | None = None,
) -> ProjectionContext:
    """Return what every enhancement of a scenario is judged with.

    Args:
        scenario: the user's model and life.
        settings: of the draws.
        cards: cards by id where measured trials changed rivals; the catalogue's for the others.
        recorded: what the user recorded of stages.
    """
    pue = scenario.place().pue
    quantiles = random_quantiles(settings.draws, settings.seed)
    return ProjectionContext(
        life_cycle(scenario, recorded),
        scenario_sizes(scenario),
        settings,
        pue,
        quantiles,
        money.prices(scenario, quantiles, settings.free_qpu),
        calibrated(pue, settings),
        scenario.place().grid.kg_per_kwh.value,
        cards or {},
    )


def _assumptions(context: ProjectionContext, anchors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    settings, calibration = context.settings, context.calibration
    return {
        "years": [settings.years[0], settings.years[-1]],
        "draws": settings.draws,
        "seed": settings.seed,
        "free_qpu": settings.free_qpu,
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
        "reference_effects": {key: reference_record().get(key) for key in ("date", "machine")},
        "anchors": [dict(record) for record in anchors],
        "rule": dict(rules.written(rules.PROJECTED)),
        "catalogues": ["roadmaps", "enhancements", "claims", "scaling_*"],
    }
