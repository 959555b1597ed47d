"""Maximum mean discrepancy from a kernel matrix, for many assignments of the labels at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Settings
from qwatt.stages.monitoring.drift.method import DriftMethod
from qwatt.stages.monitoring.drift.permutation import PERMUTATIONS, Labels
from qwatt.stages.monitoring.drift.problem import Rows


class KernelDetector(DriftMethod):
    """Base of the tests by a kernel matrix; one gives `gram`, or `compared` for all pairs at once."""

    @abstractmethod
    def gram(self, rows: Rows, settings: Settings) -> NDArray[np.float64]:
        """Return the kernel of a pair's texts with each other, shape (texts, texts)."""

    def compared(
        self, samples: Sequence[Rows], settings: Settings, context: Context
    ) -> Sequence[NDArray[Any]]:
        """Return the kernel matrix of each pair."""
        return [self.gram(rows, settings) for rows in samples]

    def statistics(self, sample: NDArray[Any], assigned: Labels, settings: Settings) -> NDArray[np.float64]:
        """Return the unbiased estimate of the squared discrepancy for each assignment."""
        return squared_discrepancies(sample, assigned)


def squared_discrepancies(gram: NDArray[np.float64], assigned: Labels) -> NDArray[np.float64]:
    """Return mean k(x, x') + mean k(y, y') - 2 mean k(x, y), pairs of one text with itself left out.

    It is the unbiased estimate of arXiv:0805.2368, equation 3 (Gretton et al., JMLR 13:723, lemma 6).

    Args:
        gram: kernel matrix, shape (texts, texts), symmetric.
        assigned: which texts are y, shape (assignments, texts).
    """
    y = assigned.astype(np.float64)
    x = 1.0 - y
    towards, n, m = y @ gram, x.sum(axis=1), y.sum(axis=1)
    within_y, across = (towards * y).sum(axis=1), (towards * x).sum(axis=1)
    within_x = gram.sum() - within_y - 2.0 * across
    diagonal = np.diagonal(gram)
    within_x, within_y = within_x - x @ diagonal, within_y - y @ diagonal
    return np.asarray(within_x / (n * (n - 1)) + within_y / (m * (m - 1)) - 2.0 * across / (n * m))


def permutation_flop(texts: int) -> float:
    """Return the operations of `squared_discrepancies` for all assignments of a pair."""
    return 2.0 * (PERMUTATIONS + 1) * texts**2


def gram_effort(texts: int, features: int) -> Effort:
    """Return the effort of a kernel of inner products and its permutations."""
    return Effort(work={"gemm_flop": 2.0 * texts**2 * features + permutation_flop(texts)})
