"""Notice that texts of a stream are no longer like those of a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

from qwatt.core.effect import Effect, EffectKind
from qwatt.core.headline import Headline, counted, share
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.stages.monitoring.drift.decision import decision, delay_said
from qwatt.stages.monitoring.drift.export import write_windows
from qwatt.stages.monitoring.drift.problem import ALPHA, TASK, DriftAnswer, DriftProblem
from qwatt.stages.monitoring.drift.score import held_back_power, validation_power
from qwatt.stages.monitoring.drift.sources import load_problem

LEAST_POWER = 0.5
"""Of drifted windows so many are noticed at least before retraining may wait for an alarm."""


@task
class DriftTask(Task[DriftProblem, DriftAnswer]):
    """Detection of drift by two-sample tests of embedded texts, all calibrated alike by permutation.

    A window is compared with as many texts of the reference, drawn afresh for each: so that false alarms of
    null windows are independent, and their number binomial. Into other windows texts of another source are
    mixed; the metric is the share of these that is noticed. A user's file needs the field `text`, or names
    another as in "mine.csv#body", and rows in the order of time: its first half is the reference. A folder
    with a file called reference and one called stream says itself which is which.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Test every window of a stream of texts against a reference at a false-alarm rate of 5 %, starting "
        "from raw text."
    )
    metric: ClassVar[str] = "power"
    margin: ClassVar[float] = 0.05
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {
            "pool": 120,
            "of": None,
            "window": 20,
            "encoder": "hashed:16",
            "strengths": (0.25, 0.5),
            "planted": 9,
            "nulls": 20,
        },
        "s": {
            "pool": 600,
            "of": None,
            "window": 60,
            "encoder": "minilm",
            "strengths": (0.15, 0.3, 0.6),
            "planted": 30,
            "nulls": 100,
        },
        "m": {
            "pool": 2_000,
            "of": None,
            "window": 120,
            "encoder": "minilm",
            "strengths": (0.1, 0.2, 0.4),
            "planted": 60,
            "nulls": 200,
        },
        "full": {
            "pool": None,
            "of": None,
            "window": 120,
            "encoder": "minilm",
            "strengths": (0.1, 0.2, 0.4),
            "planted": 30,
            "nulls": 100,
        },
    }
    default_source: ClassVar[str] = "vader"

    def load(self, source: str, size: str, seed: int) -> DriftProblem:
        """Return pairs of windows of a named source or a path."""
        return load_problem(source, size, self.rung(size), seed)

    def validate(self, problem: DriftProblem, solution: Solution[DriftAnswer]) -> Quality:
        """Return the power on the validation windows."""
        return validation_power(problem, solution.answer)

    def score(self, problem: DriftProblem, solution: Solution[DriftAnswer]) -> Quality:
        """Return the power on the held-back windows, and the rate of false alarms."""
        return held_back_power(problem, solution.answer)

    def export(self, problem: DriftProblem, solution: Solution[DriftAnswer], folder: Path) -> list[Path]:
        """Write a line a window."""
        return write_windows(problem, solution.answer, folder)

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return the retrainings that false alarms cause where nothing drifts, if drift is noticed at all."""
        kind, found = EffectKind.RETRAININGS, [t for t in trials if t.done and t.quality is not None]
        power = median(t.quality or 0.0 for t in found) if found else 0.0
        if power < LEAST_POWER:
            why = f"it notices {share(power)} of the drifted windows, less than {share(LEAST_POWER)}"
            return Effect.unknown(why, kind)
        rates = [max(t.extras["false_alarm_rate"], 1 / t.extras["null_windows"]) for t in found]
        return Effect.of_ratios(kind, rates, "retraining where no drift was, as often as planned")

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return the rate of false alarms with its interval, the power by strength, and the alarms."""
        names = (
            "false_alarm_rate",
            "false_alarm_low",
            "false_alarm_high",
            "null_windows",
            "power_by_strength",
            "mean_delay_windows",
            "window",
            "watched_windows",
            "alarms",
        )
        found = decision(trial)
        facts = {name: trial.extras[name] for name in names if name in trial.extras}
        return facts | ({} if found is None else found.to_record())

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say how much drift is noticed and how often there is a false alarm; a user's own alarms first."""
        found = trial.extras
        if trial.quality is None or "false_alarm_rate" not in found:
            return super().headline(trial, artifact)
        drifted, null = (counted(found[name], "window") for name in ("drifted_windows", "null_windows"))
        low, high = share(found["false_alarm_low"]), share(found["false_alarm_high"])
        noticed = round(trial.quality * found["drifted_windows"])
        alarms = round(found["false_alarm_rate"] * found["null_windows"])
        facts = [
            f"noticed {noticed:,} of {drifted} with planted drift",
            f"{counted(alarms, 'false alarm')} in {null} without drift "
            f"(rate, 95 %: {low} to {high}; level {ALPHA:g})",
        ]
        if "alarms" in found:
            facts.insert(
                0, f"{found['alarms']:,} of {counted(found['watched_windows'], 'watched window')} drifted"
            )
        weighed, delay = decision(trial), delay_said(trial)
        facts += [*([delay] if delay else []), *(weighed.said() if weighed else [])]
        warnings = (str(trial.notes["bandwidth"]),) if "bandwidth" in trial.notes else ()
        return Headline((*facts, *(() if artifact is None else (f"windows: {artifact}",))), warnings)
