"""Bits per character of text that the student was not trained on, beside the teacher's."""

from __future__ import annotations

import math
from functools import lru_cache

from qwatt.core.errors import QwattError
from qwatt.core.problem import Quality
from qwatt.core.threads import one_thread
from qwatt.stages.tuning.distil.lesson import Lesson, lesson
from qwatt.stages.tuning.distil.problem import DistilAnswer, DistilProblem, Graded
from qwatt.stages.tuning.distil.train import judge


def validation_quality(answer: DistilAnswer) -> Quality:
    """Return the bits per character of the validation part."""
    return Quality(answer.validation.bits_per_character)


def held_back_quality(problem: DistilProblem, answer: DistilAnswer) -> Quality:
    """Return the bits per character of the held-back part, the accuracy, and the teacher's.

    Raises:
        QwattError: the student was not applied to the held-back part.
    """
    if answer.test is None:
        raise QwattError("the student was not applied to the held-back part")
    test, found = answer.test, lesson(answer.teacher, problem)
    teacher = _teacher(found)
    extras = {
        "nats_per_token": test.nats_per_token,
        "perplexity": math.exp(test.nats_per_token),
        "accuracy": test.accuracy,
        "teacher_bits_per_character": teacher.bits_per_character,
        "teacher_accuracy": teacher.accuracy,
        "parameters": answer.parameters,
        "teacher_parameters": found.teacher.parameters,
        "test_tokens": test.tokens,
        "teacher": answer.teacher,
    }
    if found.teacher.note:
        extras["teacher_note"] = found.teacher.note
    return Quality(test.bits_per_character, extras)


@lru_cache(maxsize=4)
def _teacher(found: Lesson) -> Graded:
    """Return how the teacher itself predicts the held-back part: for comparison, charged to no method."""
    with one_thread():
        return judge(found.model, found, found.test)
