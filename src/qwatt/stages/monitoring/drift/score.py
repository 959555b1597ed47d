"""Power at the level that all tests are calibrated at, and whether they keep it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.problem import Quality
from qwatt.core.statistics import wilson_interval
from qwatt.stages.monitoring.drift.problem import ALPHA, DriftAnswer, DriftProblem, Pair, PValues

_TIE = 1e-3


def validation_power(problem: DriftProblem, answer: DriftAnswer) -> Quality:
    """Return the power on the validation pairs, ties broken by the mean p-value."""
    drifted = answer.validation[[bool(pair.strength) for pair in problem.validation]]
    return Quality(float((drifted <= ALPHA).mean() - _TIE * drifted.mean()))


def held_back_power(problem: DriftProblem, answer: DriftAnswer) -> Quality:
    """Return the share of held-back windows with drift that are alarms, each strength counting alike.

    Extras: the power by strength, the mean number of windows until drift of that strength is noticed (1 over
    the power, windows being independent), the rate of false alarms with its interval, and a user's windows.

    Raises:
        QwattError: the test was not applied to the held-back pairs.
    """
    if answer.test is None:
        raise QwattError("the test was not applied to the held-back windows")
    strengths = sorted({pair.strength for pair in problem.test if pair.strength})
    powers = {f"{s:g}": _rate(problem.test, answer.test, s) for s in strengths}
    null = np.array([pair.strength == 0 for pair in problem.test])
    false_alarms = int((answer.test[null] <= ALPHA).sum())
    low, high = wilson_interval(false_alarms, int(null.sum()))
    extras: dict[str, Any] = {
        "power_by_strength": powers,
        "drifted_windows": sum(bool(pair.strength) for pair in problem.test),
        "window": problem.window,
        "false_alarm_rate": false_alarms / int(null.sum()),
        "false_alarm_low": low,
        "false_alarm_high": high,
        "null_windows": int(null.sum()),
        "mean_delay_windows": {name: 1.0 / power if power else None for name, power in powers.items()},
        "texts": len(problem.ids),
        "tested_windows": len(problem.test),
        "validation_windows": len(problem.validation),
    }
    own = answer.test[[pair.strength is None for pair in problem.test]]
    if len(own):
        extras |= {"watched_windows": len(own), "alarms": int((own <= ALPHA).sum())}
    return Quality(float(np.mean(list(powers.values()))), extras)


def _rate(pairs: Sequence[Pair], p_values: PValues, strength: float) -> float:
    chosen = [pair.strength == strength for pair in pairs]
    return float((p_values[chosen] <= ALPHA).mean())
