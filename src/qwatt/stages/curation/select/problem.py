"""What a selection gets, a pool of examples; and what it answers, the chosen ones with a score each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.embedding import Embedding

TASK = "curation/select"

Indices = NDArray[np.int64]
Features = NDArray[np.float64]
"""A row an example, the mean of all rows being 0; shape (examples, features)."""


@dataclass(frozen=True)
class Examples:
    """Texts, in the order of the source.

    Args:
        ids: their names.
        labels: class of each, shape (examples,); None where the source has no labels.
        embedding: the texts and their vectors.
        rows: the user's own row of each, or None.
    """

    ids: tuple[str, ...]
    labels: Indices | None
    embedding: Embedding
    rows: tuple[Mapping[str, Any] | None, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts."""
        return self.embedding.texts

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class SelectProblem(Problem):
    """A pool to choose from and what the choice is judged by.

    Args:
        pool: candidates.
        validation: what settings are chosen by.
        test: held back.
        classes: the labels as the source names them; empty where it has none.
        budget: examples to choose.
    """

    pool: Examples
    validation: Examples
    test: Examples
    classes: tuple[str, ...]
    budget: int


@dataclass(frozen=True)
class SelectAnswer:
    """The choice.

    Args:
        chosen: indices into the pool, ascending; shape (budget,).
        scores: the method's own score of each, shape (budget,).
        meaning: what a score is.
    """

    chosen: Indices
    scores: NDArray[np.float64]
    meaning: str
