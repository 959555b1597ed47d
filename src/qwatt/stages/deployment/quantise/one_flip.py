"""Descent by single flips on the same windows: what any sampler must beat."""

from __future__ import annotations

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.qubo_rounding import QuboRounding, Solve
from qwatt.stages.deployment.quantise.row_windows import Bits, RowQubos

_FLIPS = 0.3
"""Of a window's bits, about, before no flip gains."""


@method
class OneFlip(QuboRounding):
    """From each weight's own best bit, flip the one that gains most until none gains."""

    name = "one-flip"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2004.10568",)
    width = 128
    stochastic = False

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Descend."""
        return descended

    def window_effort(self, rows: int, width: int, settings: Settings, shots: int | None) -> Effort:
        """Count a pass over all rows for every flip of the row that takes most."""
        flips = _FLIPS * width
        work = {"elementwise": 3.0 * rows * width * flips, "gemm_flop": 2.0 * rows * width**2}
        return Effort(work=work | {"iteration": 0.5 * flips})


def descended(qubos: RowQubos) -> Bits:
    """Return bits that no single flip betters, of all rows at once."""
    linear, couplings = qubos.linear, 2.0 * qubos.quadratic
    bits = (linear + 0.5 * couplings.sum(axis=2) < 0.0).astype(np.int8)
    field = linear + np.einsum("rij,rj->ri", couplings, bits.astype(np.float64))
    active = np.arange(len(bits))
    while len(active):
        gains = np.where(bits[active] == 1, field[active], -field[active])
        flips = gains.argmax(axis=1)
        better = gains[np.arange(len(active)), flips] > 1e-12 * np.abs(linear[active]).max(axis=1)
        active, flips = active[better], flips[better]
        change = 1.0 - 2.0 * bits[active, flips]
        bits[active, flips] ^= 1
        field[active] += change[:, None] * couplings[active, :, flips]
    return np.asarray(bits, dtype=np.int8)
