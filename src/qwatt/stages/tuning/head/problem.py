"""What a head gets, labelled samples in three parts; and what it answers, a fitted head with its scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.embedding import Embedding
from qwatt.language.encoder import Vectors
from qwatt.language.table_rows import Rows, Scale
from qwatt.stages.tuning.head.model import HeadModel

__all__ = ["TASK", "Embedding", "HeadAnswer", "HeadProblem", "Labels", "Part", "Rows", "Scores", "Vectors"]

TASK = "tuning/head"

Labels = NDArray[np.int64]
"""Class of each sentence, shape (sentences,)."""
Scores = NDArray[np.float64]
"""A score for each class, shape (sentences, classes); the largest is the predicted class."""


@dataclass(frozen=True)
class Part:
    """Some of the sentences.

    Args:
        ids: the sentences' names in the source.
        labels: class of each, shape (sentences,).
        embedding: all sentences, or all rows of a table.
        start: position of the first of these in it.
    """

    ids: tuple[str, ...]
    labels: Labels
    embedding: Embedding | Rows
    start: int = 0

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def texts(self) -> tuple[str, ...]:
        """The sentences."""
        return self.embedding.texts[self.start : self.start + len(self)]

    @property
    def vectors(self) -> Vectors:
        """Their embeddings, or a table's scaled rows; shape (sentences, dimensions)."""
        found = self.embedding
        every = found.vectors if isinstance(found, Rows) else found.embed().value
        return every[self.start : self.start + len(self)]


@dataclass(frozen=True)
class HeadProblem(Problem):
    """Labelled sentences, or labelled rows of a table.

    Args:
        train: what heads are fitted on.
        validation: what the tuner chooses by.
        test: held back; its labels are for the task's score only.
        classes: the labels as the source names them, two or more.
        embedding: the sentences or rows of all three parts.
    """

    train: Part
    validation: Part
    test: Part
    classes: tuple[str, ...]
    embedding: Embedding | Rows

    @property
    def dimensions(self) -> int:
        """Length of a sentence's vector."""
        return self.embedding.dimensions

    @property
    def outputs(self) -> int:
        """Numbers that a linear head gives a sentence: one of two classes, else one a class."""
        return 1 if len(self.classes) == 2 else len(self.classes)

    @property
    def scale(self) -> Scale | None:
        """Of a table's columns; None of sentences."""
        return self.embedding.scale if isinstance(self.embedding, Rows) else None


@dataclass(frozen=True)
class HeadAnswer:
    """A fitted head and the scores that it gave.

    Args:
        model: the head.
        validation: scores of the validation part, shape (sentences, classes).
        test: scores of the test part; None until the head is applied.
    """

    model: HeadModel
    validation: Scores
    test: Scores | None = None
