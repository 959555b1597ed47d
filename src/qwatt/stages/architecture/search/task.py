"""The task: find settings that a model trains well with, within a number of trainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.effect import Effect, EffectKind, paired_ratios
from qwatt.core.headline import Headline, counted
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.stages.architecture.search.export import write_settings
from qwatt.stages.architecture.search.problem import TASK, SearchAnswer, SearchProblem
from qwatt.stages.architecture.search.score import found_quality
from qwatt.stages.architecture.search.sources import load_problem


@task
class SearchTask(Task[SearchProblem, SearchAnswer]):
    """Search of hyper-parameters and architecture, all methods with equal trainings and the same first ones.

    A table of trainings that ships with qwatt answers at once and charges what they took; real trainings are
    made when they are first asked for.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Choose one point of a search space within a number of full trainings, their joules included."
    )
    metric: ClassVar[str] = "held_back_loss"
    higher_is_better: ClassVar[bool] = False
    margin: ClassVar[float] = 0.01
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {"trainings": 10, "start": 8},
        "s": {"trainings": 24, "start": 8},
        "m": {"trainings": 48, "start": 12},
        "full": {"trainings": 32, "start": 8},
    }
    default_source: ClassVar[str] = "builtin:decoder"
    takes_training: ClassVar[bool] = True

    def load(self, source: str, size: str, seed: int) -> SearchProblem:
        """Return a space, its objective and the points that every search begins with."""
        return load_problem(source, size, self.rung(size), seed)

    def validate(self, problem: SearchProblem, solution: Solution[SearchAnswer]) -> Quality:
        """Return the validation loss of the chosen point."""
        return Quality(solution.answer.loss)

    def score(self, problem: SearchProblem, solution: Solution[SearchAnswer]) -> Quality:
        """Return the held-back loss of the chosen point, and what finding it took."""
        return found_quality(problem, solution.answer)

    def export(self, problem: SearchProblem, solution: Solution[SearchAnswer], folder: Path) -> list[Path]:
        """Write the settings and every training."""
        return write_settings(problem, solution.answer, folder)

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return the trainings to one of the best 1 % over those of random search; only tables tell them.

        Where random search finds none, it counts with all of its trainings, which is less than it needs.
        """
        kind = EffectKind.SEARCH_TRAININGS
        if not any("trainings_to_top" in t.extras for t in trials):
            return Effect.unknown("only a table of all trainings tells which are the best", kind)
        hits = [t for t in trials if t.extras.get("trainings_to_top") is not None]
        if len(hits) * 2 <= len(trials):
            why = f"on {len(hits)} of {len(trials)} seeds it finds one of the best 1 %"
            return Effect.unknown(why, kind)
        found = paired_ratios(hits, others.get("random", ()), _trainings_to_top)
        return Effect.of_ratios(kind, found, "random search")

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return the settings, what finding them took, and what was missed where that is known."""
        names = ("settings", "trainings", "failed", "training_energy_j", "regret", "rank", "trainings_to_top")
        return {name: trial.extras[name] for name in names if name in trial.extras}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say the settings, their loss, and what finding them took."""
        found = trial.extras
        if trial.quality is None or "settings" not in found:
            return super().headline(trial, artifact)
        chosen = ", ".join(f"{name} {value}" for name, value in found["settings"].items())
        joules = found["training_energy_j"]
        cost = "an unknown energy" if joules is None else f"{joules:.3g} J"
        facts = [f"{found['unit']} {trial.quality:.4g} with {chosen}"]
        facts.append(f"{found['trainings']:.3g} trainings of {counted(found['points'], 'point')} took {cost}")
        if "regret" in found:
            facts.append(
                f"rank {found['rank']} of the table by validation loss, {found['regret']:.3g} above its best"
            )
        if artifact is not None:
            facts.append(f"settings: {artifact}")
        return Headline(tuple(facts), _warnings(found))


def _warnings(found: Mapping[str, Any]) -> tuple[str, ...]:
    warnings = []
    if found["failed"]:
        reasons = "; ".join(f"{number:,} by {error}" for error, number in found.get("failures", {}).items())
        told = f": {reasons}" if reasons else ""
        warnings.append(f"{counted(found['failed'], 'training')} failed{told}; trainings.csv tells which")
    if not found["held_back"]:
        warnings.append(
            "the loss is the one that the search chose by, and looks better than it is; "
            "let the function return held_back too"
        )
    return tuple(warnings)


def _trainings_to_top(trial: Trial) -> float:
    found = trial.extras["trainings_to_top"]
    return float(trial.extras["trainings"] if found is None else found)
