"""Levers that need a quantum computer: what each adds to the best lever of its task that needs none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qwatt.core.quantity import J_PER_KWH
from qwatt.projection.levers.lever import Lever, in_days, payback
from qwatt.projection.levers.ordinary import LeverContext
from qwatt.projection.scaling import Card
from qwatt.projection.scaling.evaluate import central


def quantum_lever(card: Card, entry: Mapping[str, Any], context: LeverContext) -> Lever:
    """Return the lever of an enhancement.

    The saving is the expected one over all futures, in which it mostly saves nothing; its high end is the
    enhancement's ceiling, the ninetieth percentile of what a free QPU would save.

    Args:
        card: the enhancement's card.
        entry: its record in the projection.
        context: the scenario's.
    """
    saved = float(entry["saved_kwh"]["expected"])
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
        why=entry["why"],
        verdict_probabilities=entry["verdict_probabilities"],
        on_threshold=entry["on_threshold"],
    )


def _qpu_kwh(card: Card, entry: Mapping[str, Any], context: LeverContext) -> float | None:
    """Return what the QPU of today that comes closest takes over the life; None where none is priced."""
    joules = (entry["today"] or {}).get("energy_j") or {}
    if joules.get("value") is None:
        return None
    return float(joules["value"]) * central(card, context.sizes).times.item() / J_PER_KWH
