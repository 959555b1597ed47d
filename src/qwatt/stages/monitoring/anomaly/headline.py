"""What is said first of a detector: how well it finds anomalies, and how often it errs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from shlex import quote
from typing import Any

from qwatt.core.headline import Headline, counted, share
from qwatt.core.trial import Trial
from qwatt.quantum.algorithms.kernel_concentration import Concentration
from qwatt.stages.monitoring.anomaly.problem import ALPHA

_NAMES = (
    "alerts_per_thousand",
    "recall",
    "false_alarm_rate",
    "false_alarm_low",
    "false_alarm_high",
    "clean_texts",
    "anomalous_texts",
    "planted",
    "average_precision_exact",
    "kernel",
)


def summary(trial: Trial) -> Mapping[str, Any]:
    """Return what `qwatt run --json` says beside the quality."""
    return {name: trial.extras[name] for name in _NAMES if name in trial.extras}


def headline(trial: Trial, artifact: str | None) -> Headline:
    """Return the sentences of a trial."""
    found = trial.extras
    if trial.quality is None or "alerts_per_thousand" not in found:  # a record of another version
        return Headline(())
    low, high = share(found["false_alarm_low"]), share(found["false_alarm_high"])
    unit = found.get("unit", "text")
    many = f"{found['anomalous_texts']:,} " + (f"planted {unit}s" if found["planted"] else "anomalies")
    clean = counted(found["clean_texts"], f"unlabelled {unit}" if found["planted"] else f"clean {unit}")
    facts = [
        f"average precision {share(trial.quality)} for {many} among {clean}",
        f"{found['alerts_per_thousand']:.0f} alerts in 1,000 {unit}s find 95 % of them",
        f"the threshold finds {share(found['recall'])} of them, with "
        f"{counted(found['false_alarms'], 'alarm')} in {clean} "
        f"(rate, 95 %: {low} to {high}; level {ALPHA:g})",
    ]
    if artifact is not None:
        folder = quote(str(PurePath(artifact).parent))
        facts.append(f"alarms: {artifact}")
        facts.append(f"score other {unit}s with: qwatt predict {folder} --data FILE")
    return Headline(tuple(facts), _warnings(trial))


def _warnings(trial: Trial) -> tuple[str, ...]:
    """Say whether the kernel's bandwidth is of no use, and the mend."""
    found = trial.extras.get("kernel", {})
    if not found.get("concentrated"):
        return ()
    numbers = Concentration(found["kernel_mean"], found["kernel_deviation"], found["shot_error"])
    if "bandwidth" in trial.settings:
        return (numbers.said(float(trial.settings["bandwidth"])),)
    return (
        f"the kernel's entries differ by {numbers.deviation:.2g}, less than the {numbers.shot_error:.2g} "
        "that shots can tell: give more --shots",
    )
