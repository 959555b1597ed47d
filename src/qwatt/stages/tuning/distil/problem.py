"""What a distillation gets, text in three parts and a teacher's name; and what it answers, a student."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.decoder import DecoderSize
from qwatt.language.decoder.text_windows import Judged
from qwatt.language.text_parts import Parts

TASK = "tuning/distil"

State = Mapping[str, NDArray[Any]]
"""Weights by name."""


@dataclass(frozen=True)
class Budget:
    """What every method gets.

    Args:
        text: different tokens to train on.
        train: tokens that are trained on, the text again and again.
        validation: tokens that choose settings, at most.
        test: tokens that are held back, at most.
        batch: tokens in a step, about.
        rate: the highest learning rate times the student's width, unless a setting says otherwise.
    """

    text: int
    train: int
    validation: int
    test: int
    batch: int
    rate: float


@dataclass(frozen=True, eq=False)
class DistilProblem(Problem):
    """A teacher, and text that a smaller decoder is to learn with its help.

    Args:
        teacher: its name, or its folder.
        parts: texts to train on, to choose settings by and to judge by; None for text like the teacher's own.
        budget: tokens.
    """

    teacher: str
    parts: Parts | None
    budget: Budget


@dataclass(frozen=True)
class Graded(Judged):
    """What the tokens of one part took, and how many of them were guessed.

    Args:
        hits: tokens that were thought the likeliest.
    """

    hits: int

    @property
    def accuracy(self) -> float:
        """Share of tokens that were guessed right."""
        return self.hits / self.tokens


@dataclass(frozen=True)
class DistilAnswer:
    """A student as data.

    Args:
        method: name of the method that trained it.
        teacher: the teacher's name or folder.
        digest: of the teacher's files.
        size: of the student.
        parameters: trained ones.
        state: the decoder's weights.
        layer: the layer in the place of a feed-forward part, None in a plain student: class and arguments.
        layer_state: the layer's numbers.
        block: where it is.
        losses: training loss by step.
        validation: of the validation part.
        test: of the held-back part; None until the student is applied.
    """

    method: str
    teacher: str
    digest: str
    size: DecoderSize
    parameters: int
    state: State = field(repr=False)
    layer: Mapping[str, Any] | None
    layer_state: State = field(repr=False)
    block: int
    losses: NDArray[np.float32] = field(repr=False)
    validation: Graded
    test: Graded | None = None
