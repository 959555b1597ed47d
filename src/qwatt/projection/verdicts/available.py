"""The verdict on a lever that needs no quantum computer, from what it saves and costs, by the same rules."""

from __future__ import annotations

import numpy as np

from qwatt.core.quantity import Quantity
from qwatt.projection.scaling.quantile import TAIL, Array
from qwatt.projection.verdicts.rules import Futures, Judgement, judge, threshold

FUTURES = 1000
"""Evenly spaced quantiles; the golden ratio spreads the cost's ones over them."""
_GOLDEN = 0.6180339887498949


def judge_available(
    saved_kwh: Quantity, saved_usd: Quantity, cost_usd: Quantity, life_kwh: Quantity, *, measured: bool
) -> Judgement:
    """Return the verdict on a classical or inspired lever over a model's life.

    Savings in energy and money move together over their intervals (90 %), the cost independently of them.

    Args:
        saved_kwh: facility energy that the lever saves, its own cost in energy deducted; may be negative.
        saved_usd: what that saves in money before `cost_usd`; may be negative.
        cost_usd: what it costs to do it, once.
        life_kwh: facility energy of the whole life.
        measured: whether trials measured the effect; what is only judged is never more than watched.

    Raises:
        QwattError: one of the four is unknown.
    """
    even = (np.arange(FUTURES) + 0.5) / FUTURES
    other = np.mod((np.arange(FUTURES) + 0.5) * _GOLDEN, 1.0)
    kwh, usd = _at(saved_kwh.to("kWh"), even), _at(saved_usd.to("USD"), even)
    saves, pays = kwh > 0, (usd > _at(cost_usd.to("USD"), other)) & (kwh > 0)
    share = kwh >= threshold("least_share") * life_kwh.to("kWh").interval[1]
    material = share & (usd >= threshold("least_usd"))
    weights = np.ones(FUTURES)
    return judge(
        Futures(True, measured, saves, saves, saves, pays, share & saves, material & saves, material, weights)
    )


def _at(quantity: Quantity, u: Array) -> Array:
    """Return values that may be negative: linear between the ends, which are 5 % and 95 %, and cut off."""
    return np.interp(u, [TAIL, 0.5, 1.0 - TAIL], quantity.interval)
