"""The task: remove near duplicates, measured by duplicates that were planted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

from qwatt.core.effect import Effect, EffectKind
from qwatt.core.headline import Headline
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.size import rung_of
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.language.decoder.downstream import training_note
from qwatt.stages.curation.dedup import headline
from qwatt.stages.curation.dedup.downstream import worth
from qwatt.stages.curation.dedup.export import outcome, write_corpus
from qwatt.stages.curation.dedup.problem import TASK, DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.score import chosen_by, pair_quality
from qwatt.stages.curation.dedup.sources import load_problem


@task
class DedupTask(Task[DedupProblem, DedupAnswer]):
    """Near-duplicate removal.

    Duplicates of six kinds are planted; on "shakespeare" the plays in two spellings and Milton's copies join
    them. Half of the clusters tune a method, the other half score it. In a user's corpus half of what is
    planted measures and nothing of it is exported.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Remove the near duplicates of one corpus, keeping one document of each group."
    )
    metric: ClassVar[str] = "pair_f1"
    margin: ClassVar[float] = 0.01
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {"passages": 40, "planted_share": 0.4, "plays": 3, "play_chars": 3_000, "milton": False},
        "s": {"passages": 900, "planted_share": 0.5, "plays": 35, "play_chars": 20_000, "milton": True},
        "m": {"passages": 6_000, "planted_share": 0.4, "plays": 35, "play_chars": 200_000, "milton": True},
        "full": {"passages": None, "planted_share": 0.3, "plays": 35, "play_chars": 200_000, "milton": True},
    }
    default_source: ClassVar[str] = "shakespeare"
    downstream: ClassVar[Mapping[str, str]] = {"m": "small"}
    """The decoder that is trained on what was kept, by size; none where it says nothing."""

    def load(self, source: str, size: str, seed: int) -> DedupProblem:
        """Return the corpus of "shakespeare", "builtin:phrases", or a path, with planted duplicates."""
        return load_problem(source, size, self.rung(size), seed)

    def validate(self, problem: DedupProblem, solution: Solution[DedupAnswer]) -> Quality:
        """Return the recall on the clusters of the tuning half, if it reaches the precision asked for."""
        quality = pair_quality(problem, solution.answer, problem.validation)
        asked = float(solution.notes["precision_asked"])
        return Quality(chosen_by(quality, asked), quality.extras)

    def score(self, problem: DedupProblem, solution: Solution[DedupAnswer]) -> Quality:
        """Score on the clusters that tuning never saw, and say what became of the real documents."""
        quality = pair_quality(problem, solution.answer, ~problem.validation)
        extras = {**quality.extras, **outcome(problem, solution.answer)}
        if (decoder := self.downstream.get(rung_of(problem.size))) is not None:
            extras |= worth(problem, solution.answer, decoder)
        return Quality(quality.value, extras)

    def scoring(self, size: str) -> str:
        """Say that a decoder is trained on what was kept."""
        name = self.downstream.get(rung_of(size))
        return "" if name is None else training_note(name)

    def export(self, problem: DedupProblem, solution: Solution[DedupAnswer], folder: Path) -> list[Path]:
        """Write the deduplicated corpus and the report of what was dropped and why."""
        return write_corpus(problem, solution.answer, folder, folder.name)

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return the documents left of a corpus, its planted ones not counted."""
        found = [t.extras for t in trials if t.done and t.extras.get("documents_in")]
        left = [e["documents_kept"] / e["documents_in"] for e in found if e["documents_kept"]]
        effect = Effect.of_ratios(EffectKind.TRAINING_TOKENS, left, "the corpus as it was")
        recalls = [e["recall"] for e in found if "recall" in e]
        return replace(effect, found=median(recalls)) if recalls else effect

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return how many documents went and why, and the precision and recall of it."""
        return headline.summary(trial)

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say the same in a sentence; a precision that was missed comes first."""
        most = self.rung(trial.spec.size)["passages"]
        return headline.headline(trial, artifact, most)

    def meets(self, trial: Trial) -> bool:
        """Return whether the precision that was asked for is confirmed on held-back duplicates."""
        return headline.reached(trial) is not False
