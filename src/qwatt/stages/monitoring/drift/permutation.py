"""The calibration of every detector: how its statistic falls among those of permuted labels.

Where reference and window are drawn alike, all assignments of their texts to the two are equally likely, so
that a false alarm is no likelier than the level, at any size (Lehmann and Romano 2005, section 15.2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PERMUTATIONS = 199
"""With the observed labels 200 assignments, of which 0.05 is a whole number."""

Labels = NDArray[np.bool_]
"""Whether a text is of the window, shape (assignments, texts); the observed assignment is the first."""
_ROUNDING = 1e-9


def labels(texts: int, rng: np.random.Generator, permutations: int = PERMUTATIONS) -> Labels:
    """Return the observed assignment, whose second half is the window, and so many random ones."""
    observed = np.arange(texts) >= texts // 2
    return np.concatenate([observed[None], rng.permuted(np.tile(observed, (permutations, 1)), axis=1)])


def label_values(texts: int) -> float:
    """Return the values of an elementwise operation that take as long as `labels`."""
    return 10.0 * texts * (PERMUTATIONS + 1)


def p_value(statistics: NDArray[np.float64]) -> float:
    """Return the share of assignments whose statistic is at least the observed one, which is the first.

    What is equal up to rounding counts as equal, so that ties never make an alarm.
    """
    observed = statistics[0] - _ROUNDING * max(1.0, abs(float(statistics[0])))
    return float((statistics >= observed).mean())
