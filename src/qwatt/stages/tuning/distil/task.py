"""The task: train a smaller decoder with the help of a larger one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.effect import Effect, EffectKind
from qwatt.core.headline import Headline
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.language.decoder import check_decoder
from qwatt.language.decoder.own_text import OWN_TEXT, parts_unless_own
from qwatt.stages.tuning.distil.export import write_student
from qwatt.stages.tuning.distil.problem import TASK, Budget, DistilAnswer, DistilProblem
from qwatt.stages.tuning.distil.score import held_back_quality, validation_quality


@task
class DistilTask(Task[DistilProblem, DistilAnswer]):
    """A student of half the teacher's width and depth, with its tokenizer, on equal tokens.

    Few different tokens are gone over many times: a teacher is worth most where text is short. What training
    it once cost is charged to no method; what it takes to ask it is, to every method that does.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Train a decoder of half the width and depth on so many tokens, with the help of a teacher."
    )
    metric: ClassVar[str] = "bits_per_character"
    higher_is_better: ClassVar[bool] = False
    margin: ClassVar[float] = 0.02
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {
            "teacher": "tutor",
            "budget": Budget(text=1_024, train=4_096, validation=512, test=1_024, batch=256, rate=0.4),
        },
        "s": {
            "teacher": "tutor",
            "budget": Budget(text=2_048, train=24_576, validation=1_024, test=4_096, batch=256, rate=0.4),
        },
        "m": {
            "teacher": "small",
            "budget": Budget(
                text=51_200, train=102_400, validation=8_192, test=16_384, batch=1_024, rate=0.8
            ),
        },
        "full": {
            "teacher": "smollm2",
            "budget": Budget(text=32_768, train=65_536, validation=8_192, test=16_384, batch=512, rate=0.8),
        },
    }
    default_source: ClassVar[str] = OWN_TEXT

    def load(self, source: str, size: str, seed: int) -> DistilProblem:
        """Return the text's parts; the teacher of the size is trained now if it never was."""
        chosen = self.rung(size)
        parts = parts_unless_own(source, seed)
        check_decoder(chosen["teacher"])
        return DistilProblem(TASK, source, size, seed, chosen["teacher"], parts, chosen["budget"])

    def validate(self, problem: DistilProblem, solution: Solution[DistilAnswer]) -> Quality:
        """Return the bits per character of the validation part."""
        return validation_quality(solution.answer)

    def score(self, problem: DistilProblem, solution: Solution[DistilAnswer]) -> Quality:
        """Return the bits per character of the held-back part."""
        return held_back_quality(problem, solution.answer)

    def export(self, problem: DistilProblem, solution: Solution[DistilAnswer], folder: Path) -> list[Path]:
        """Write the student's folder and how to load it."""
        return write_student(solution.answer, folder)

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return the student's parameters over the teacher's, where its bits are at most the margin more."""
        found = [t for t in trials if t.quality is not None and "teacher_bits_per_character" in t.extras]
        losses = [(t.quality or 0.0) - t.extras["teacher_bits_per_character"] for t in found]
        left = [t.extras["parameters"] / t.extras["teacher_parameters"] for t in found]
        allowed = self.margin, "bits per character"
        return Effect.where_kept(EffectKind.WEIGHTS, losses, allowed, left, "the teacher")

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return the loss, the accuracy, the teacher's, and how large both are."""
        names = (
            "nats_per_token",
            "accuracy",
            "teacher",
            "teacher_bits_per_character",
            "teacher_accuracy",
            "parameters",
            "teacher_parameters",
            "test_tokens",
        )
        return {name: trial.extras[name] for name in names if name in trial.extras}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say how close the student comes to its teacher, and how small it is."""
        found = trial.extras
        if trial.quality is None or "teacher" not in found:
            return super().headline(trial, artifact)
        bits = (
            f"{trial.quality:.3f} bits per character, its teacher {found['teacher_bits_per_character']:.3f}"
        )
        hits = f"{found['accuracy']:.1%} of next tokens right, its teacher {found['teacher_accuracy']:.1%}"
        size = f"{found['parameters']:,} parameters of {found['teacher_parameters']:,} of {found['teacher']}"
        written = () if artifact is None else (f"student: {artifact}",)
        return Headline((bits, hits, size, *written))
