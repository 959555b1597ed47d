"""Levers that need a quantum computer: what each adds to the best lever of its task that needs none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qwatt.core.quantity import J_PER_KWH
from qwatt.projection.effects.known import EffectBasis, effect_of
from qwatt.projection.effects.stages import stage_shares
from qwatt.projection.levers.lever import Lever, in_days, payback
from qwatt.projection.levers.ordinary import LeverContext, saved_of
from qwatt.projection.scaling import Card
from qwatt.projection.scaling.evaluate import central


def quantum_lever(
    card: Card, entry: Mapping[str, Any], context: LeverContext, best_kwh: float = 0.0
) -> Lever:
    """Return the lever of an enhancement.

    The saving is the expected one over all futures, in which it mostly saves nothing; its high end is the
    enhancement's ceiling, the ninetieth percentile of what a free QPU would save. Where trials measured that
    its solutions save more downstream than those of the best lever without a QPU, that is added.

    Args:
        card: the enhancement's card.
        entry: its record in the projection.
        context: the scenario's.
        best_kwh: what the best lever of the task that needs no QPU saves, 0 where there is none.
    """
    beyond = _beyond(card, context, best_kwh)
    saved = float(entry["saved_kwh"]["expected"]) + beyond
    usd_per_kwh = float(np.median(context.paid.usd_per_kwh + context.paid.carbon_usd_per_kwh))
    saved_usd = saved * usd_per_kwh
    money = entry["money"] or {}
    cost_usd = (money.get("pilot_usd") or {}).get("p50")
    requests, days = (context.sizes[name].value for name in ("requests", "days"))
    back = None if cost_usd is None else payback(cost_usd, 0.0, saved_usd, requests)
    grid = context.cycle.scenario.place().grid
    return Lever(
        id=card.id,
        stage=card.stage,
        task=card.task,
        kind=card.kind,
        name=card.name,
        built=card.built,
        saved_kwh={
            "value": saved,
            "low": 0.0,
            "high": max(saved, float(entry["ceiling"]["kwh_p90"])),
            "basis": "modelled",
        },
        saved_usd=saved_usd,
        saved_co2e_kg=saved * grid.kg_per_kwh.value,
        cost_usd=cost_usd,
        cost_kwh=_qpu_kwh(card, entry, context),
        payback_requests=back,
        payback_days=in_days(back, requests, days),
        assumed_share=0.0 if card.measured else 1.0,
        verdict=entry["verdict"],
        why=entry["why"]
        + (f" Trials: its solutions save {beyond:.3g} kWh more downstream." if beyond else ""),
        verdict_probabilities=entry["verdict_probabilities"],
        on_threshold=entry["on_threshold"],
    )


def _beyond(card: Card, context: LeverContext, best_kwh: float) -> float:
    """Return what measured solutions save downstream beyond the best lever that needs no QPU."""
    effect = effect_of(card.task, card.method, context.run)
    if isinstance(effect, str) or effect.basis not in (EffectBasis.MEASURED, EffectBasis.REFERENCE):
        return 0.0
    found = stage_shares(effect, context.cycle.scenario, context.quantiles, card.id)
    if found.none or any(not context.cycle.stages[stage].energy.known for stage in found.shares):
        return 0.0
    return max(float(np.median(saved_of(found, context, found.shares).kwh)) - best_kwh, 0.0)


def _qpu_kwh(card: Card, entry: Mapping[str, Any], context: LeverContext) -> float | None:
    """Return what the QPU of today that comes closest takes over the life; None where none is priced."""
    joules = (entry["today"] or {}).get("energy_j") or {}
    if joules.get("value") is None:
        return None
    return float(joules["value"]) * central(card, context.sizes).times.item() / J_PER_KWH
