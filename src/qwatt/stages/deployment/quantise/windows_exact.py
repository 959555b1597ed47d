"""All 2^12 choices of each window: what QAOA's windows are at their best, without a circuit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.qubo_rounding import QuboRounding, Solve
from qwatt.stages.deployment.quantise.row_windows import Bits, RowQubos

WIDTH = 12
"""Weights of a window, of QAOA's too."""


@method
class WindowsExact(QuboRounding):
    """Exhaustive search of windows of 12 weights."""

    name = "windows-exact"
    kind = Kind.CLASSICAL
    sources = ("exhaustive search",)
    width = WIDTH
    space: ClassVar[Mapping[str, Sequence[Any]]] = {**QuboRounding.space, "passes": (1,)}

    def solver(self, settings: Settings, context: Context) -> Solve:
        """List all choices."""
        return minima

    def window_effort(self, rows: int, width: int, settings: Settings, shots: int | None) -> Effort:
        """Count the energies of all choices."""
        return strings_effort(rows, width, 2**width)


def strings_effort(rows: int, width: int, strings: int) -> Effort:
    """Return what the energies of some strings take: their pairs of ones, and a product for each row."""
    terms = width + width * (width - 1) / 2
    return Effort(work={"gemm_flop": 4.0 * rows * strings * terms, "elementwise": 4.0 * strings * terms})


def minima(qubos: RowQubos) -> Bits:
    """Return each row's bits of least energy, by a product with all strings and their pairs of ones."""
    width = qubos.linear.shape[1]
    strings = ((np.arange(2**width)[:, None] >> np.arange(width)) & 1).astype(np.int8)
    return least(qubos, strings)


def least(qubos: RowQubos, strings: Bits) -> Bits:
    """Return for each row the string of least energy among some, shape (strings, width)."""
    first, second = np.triu_indices(strings.shape[1], 1)
    features = np.concatenate([strings, strings[:, first] & strings[:, second]], axis=1).astype(np.float64)
    pairs = 2.0 * qubos.quadratic[:, first, second]
    energies = np.concatenate([qubos.linear, pairs], axis=1) @ features.T
    return np.asarray(strings[energies.argmin(axis=1)], dtype=np.int8)
