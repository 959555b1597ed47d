"""What a drift detector gets, pairs of a reference and a window; and what it answers, a p-value of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.embedding import Embedding

TASK = "monitoring/drift"
ALPHA = 0.05
"""Rate of false alarms that every test is calibrated at."""

Indices = NDArray[np.int64]
Rows = NDArray[np.float64]
"""Features of texts, shape (texts, features)."""
PValues = NDArray[np.float64]
"""One for each pair, shape (pairs,)."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A window and as many texts of the reference that it is compared with, none in both.

    Args:
        reference: indices of texts, shape (window,).
        window: indices of texts, shape (window,).
        strength: share of the window that is from elsewhere, 0 for none; None where nobody knows.
    """

    reference: Indices
    window: Indices
    strength: float | None


@dataclass(frozen=True, eq=False)
class DriftProblem(Problem):
    """Pairs to be tested.

    Args:
        ids: names of the texts.
        embedding: all texts and their vectors, those like the reference first.
        normal: number of these first texts.
        validation: pairs that settings are chosen by, drawn from other texts than the rest.
        test: held-back pairs; those of a user's own stream come last, in its order.
    """

    ids: tuple[str, ...]
    embedding: Embedding
    normal: int
    validation: tuple[Pair, ...]
    test: tuple[Pair, ...]

    @property
    def window(self) -> int:
        """Texts of a window."""
        return len(self.test[0].window)


@dataclass(frozen=True, eq=False)
class DriftAnswer:
    """A p-value for every pair; a window is an alarm where it is `ALPHA` or less.

    Args:
        validation: of the validation pairs.
        test: of the held-back pairs; None before the test was applied to them.
    """

    validation: PValues
    test: PValues | None = None
