"""Average precision, alerts for a recall, and whether the threshold keeps its rate of false alarms."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.problem import Quality
from qwatt.core.registry import get_backend, get_method
from qwatt.core.statistics import wilson_interval
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Scores
from qwatt.stages.monitoring.anomaly.problem import ALPHA, TASK, AnomalyAnswer, AnomalyProblem, Flags

if TYPE_CHECKING:
    from sklearn import metrics
else:
    metrics = lazy("sklearn.metrics")

RECALL = 0.95
"""Share of the anomalies that an operator wants to see."""


def average_precision(scores: Scores, anomalous: Flags) -> float:
    """Return the mean over the anomalies of the precision at their score; ties are entered together."""
    return float(metrics.average_precision_score(anomalous, scores))


def alerts_per_thousand(scores: Scores, anomalous: Flags) -> float:
    """Return the texts in 1,000 that are looked at when the threshold finds 95 % of the anomalies."""
    ranked = np.sort(scores[anomalous])[::-1]
    threshold = ranked[ceil(RECALL * len(ranked)) - 1]
    return 1000.0 * float((scores >= threshold).mean())


def validation_quality(problem: AnomalyProblem, answer: AnomalyAnswer) -> Quality:
    """Return the average precision on the validation texts."""
    return Quality(average_precision(answer.validation, problem.truth("validation")))


def held_back_quality(problem: AnomalyProblem, answer: AnomalyAnswer) -> Quality:
    """Return the average precision on the held-back texts, with what an operator wants to know beside it.

    Raises:
        QwattError: the detector was not applied to the held-back texts.
    """
    if answer.test is None:
        raise QwattError("the detector was not applied to the held-back texts")
    truth, detector = problem.truth("test"), answer.detector
    alarms = detector.p_values(answer.test) <= ALPHA
    clean = int((~truth).sum())
    false_alarms = int(alarms[~truth].sum())
    low, high = wilson_interval(false_alarms, clean)
    extras: dict[str, Any] = {
        "alerts_per_thousand": alerts_per_thousand(answer.test, truth),
        "auc": float(metrics.roc_auc_score(truth, answer.test)),
        "recall": float(alarms[truth].mean()),
        "false_alarms": false_alarms,
        "false_alarm_rate": false_alarms / clean,
        "false_alarm_low": low,
        "false_alarm_high": high,
        "clean_texts": clean,
        "anomalous_texts": int(truth.sum()),
        "planted": problem.planted,
        "unit": problem.unit,
        "kernel": dict(detector.facts),
    }
    method = get_method(TASK, detector.method)
    if isinstance(method, AnomalyMethod) and method.reads_circuits:
        rows = problem.vectors[problem.counts.part("test")]
        exact = method.score(detector.arrays, detector.settings, rows, Unmetered(get_backend("engine")))
        extras["average_precision_exact"] = average_precision(exact, truth)
    return Quality(average_precision(answer.test, truth), extras)
