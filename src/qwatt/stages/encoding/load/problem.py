"""What an encoding gets, vectors and queries; and what it answers, a code with the inner products it gave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.encoder import Vectors
from qwatt.stages.encoding.load.code import Code

__all__ = ["TASK", "LoadAnswer", "LoadProblem", "Similarities", "Vectors"]

TASK = "encoding/load"

Similarities = NDArray[np.float64]
"""Estimated inner products, shape (queries, vectors)."""


@dataclass(frozen=True, eq=False)
class LoadProblem(Problem):
    """Unit vectors to keep, and unit vectors to compare them with.

    Args:
        stored: what is encoded, shape (vectors, dimensions).
        validation: queries that the tuner sees, shape (queries, dimensions).
        test: held-back queries, shape (queries, dimensions).
        ids: name of each stored vector in the source.
    """

    stored: Vectors
    validation: Vectors
    test: Vectors
    ids: tuple[str, ...]

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self.stored.shape[1])


@dataclass(frozen=True)
class LoadAnswer:
    """A code and what it answered.

    Args:
        code: the stored vectors as the method keeps them.
        validation: inner products of the validation queries.
        test: those of the held-back queries; None until the code is applied.
    """

    code: Code
    validation: Similarities
    test: Similarities | None = None
