"""Testing by betting: wealth that grows only where window and reference differ (arXiv:2112.09162).

The i-th text of the window meets the i-th of the reference. What is bet on after i - 1 pairs is the side that
the kernel's witness function of these puts the two texts on. Without drift the two could as well change
places, which turns the sign of the payoff: a fair game, whose wealth exceeds 1 / alpha at any time with a
chance of at most alpha (Ville 1939). So it may be watched after every text, and stopped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Settings
from qwatt.stages.monitoring.drift.method import DriftMethod, Evidence

STAKES = np.array([0.05, 0.1, 0.2, 0.4, 0.8])
"""Shares of the wealth that are bet, in five games whose mean wealth counts."""


class Betting(DriftMethod):
    """Base of the sequential tests: in front of one whose `compared` returns kernel matrices."""

    def evidence(self, sample: Any, settings: Settings, rng: np.random.Generator, least: int = 0) -> Evidence:
        """Return the highest wealth at any time, and 1 over it: no permutation is needed."""
        highest = float(wealth(sample).max())
        return Evidence(highest, min(1.0, 1.0 / highest))


def wealth(gram: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean wealth after each pair of texts, beginning with 1; shape (pairs + 1,).

    The payoff of pair t is tanh(u_t / r_t), where u_t is the mean over earlier pairs s of k(y_s, y_t) -
    k(x_s, y_t) - k(y_s, x_t) + k(x_s, x_t), and r_t the root mean square of the earlier u.

    Args:
        gram: kernel of the reference's texts and then as many of the window, shape (2 pairs, 2 pairs).
    """
    m = len(gram) // 2
    core = gram[m:, m:] - gram[:m, m:] - gram[m:, :m] + gram[:m, :m]
    before = np.tril(core, -1).sum(axis=1) / np.maximum(np.arange(m), 1)
    squares = np.concatenate([[0.0], np.cumsum(before**2)[:-1]])
    rounds = np.maximum(np.arange(m) - 1, 1)
    scale = np.sqrt(squares / rounds)
    payoff = np.where(scale > 0, np.tanh(before / np.where(scale > 0, scale, 1.0)), 0.0)
    logs = np.log1p(np.outer(STAKES, payoff)).cumsum(axis=1)
    return np.concatenate([[1.0], np.exp(logs).mean(axis=0)])


def betting_flop(texts: int) -> float:
    """Return the operations of `wealth`, for a pair of so many texts."""
    return 2.0 * texts**2
