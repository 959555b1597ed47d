"""Settings that all methods share: the teacher, the student's size, tokens, and how fast it learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qwatt.core.limits import Limit
from qwatt.core.method import Settings
from qwatt.language.decoder import MODEL_LIMITS, MODEL_SPACE, DecoderSize, chosen_decoder
from qwatt.stages.tuning.distil.lesson import Lesson, lesson
from qwatt.stages.tuning.distil.problem import DistilProblem

COMMON: dict[str, Sequence[Any]] = {**MODEL_SPACE, "hidden": (0,), "layers": (0,), "tokens": (0,)}
"""For the user to fix, for all methods at once; "auto" and 0 take what the problem and the teacher say.

`model` is the teacher, `hidden` and `layers` are the student's, `tokens` are trained on.
"""
WITH_TERM: dict[str, Sequence[Any]] = {
    "rate": (0.0,),
    "mixing": (0.9,),
    "temperature": (1.0, 2.0),
    "weight": (1.0, 0.1, 10.0),
    **COMMON,
}
"""Of a method with a term on hidden states beside the logits; see `Objective`. A rate of 0 is the size's."""
LIMITS: dict[str, Limit] = {
    **MODEL_LIMITS,
    "rate": (0.0, 100.0),
    "mixing": (0.0, 1.0),
    "temperature": (0.1, 100.0),
    "weight": (0.0, 1e6),
    "hidden": (0, 100_000),
    "layers": (0, 1_000),
    "tokens": (0, 1_000_000_000),
}


@dataclass(frozen=True)
class Setup:
    """One choice of the settings, on a problem.

    Args:
        lesson: the teacher and the text.
        size: of the student.
        steps: optimiser steps.
        learning_rate: the highest: a rate over the student's width (arXiv:2203.03466).
    """

    lesson: Lesson
    size: DecoderSize
    steps: int
    learning_rate: float

    @property
    def tokens(self) -> int:
        """Tokens that are trained on."""
        return self.steps * self.size.step_tokens


def setup(problem: DistilProblem, settings: Settings) -> Setup:
    """Return what settings mean on a problem.

    Raises:
        QwattError: no such decoder, too little text, or a student that cannot be.
    """
    found = lesson(chosen_decoder(settings, problem.teacher), problem)
    size = found.student_size(int(settings["hidden"]), int(settings["layers"]))
    steps = max(1, int(settings["tokens"] or problem.budget.train) // size.step_tokens)
    rate = float(settings["rate"]) or problem.budget.rate
    return Setup(found, size, steps, rate / size.hidden)
