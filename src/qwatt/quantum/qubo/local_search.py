"""One-swap search: the classical companion that keeps the number of ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwatt.core.errors import QwattError
from qwatt.quantum.qubo.arrays import dense
from qwatt.quantum.qubo.magnitude import checked, unit_scaled

if TYPE_CHECKING:
    import dimod


def one_swap_search(
    bqm: dimod.BinaryQuadraticModel, bits: ArrayLike, part: ArrayLike | None = None
) -> NDArray[np.int8]:
    """Exchange the best (one, zero) pair until no exchange lowers the energy; O(n^2) an exchange.

    Args:
        bqm: model to minimise, of any variable type.
        bits: start, shape (n,) in the order of `bqm.variables`; its number of ones is kept.
        part: number of the part that each variable is in: only two of one part are exchanged; None for one.

    Returns:
        A local minimum under exchanges, shape (n,).

    Raises:
        QwattError: coefficients out of range, or not one bit (0 or 1) for every variable.
    """
    linear, upper, _ = dense(unit_scaled(checked(bqm)))
    couplings = upper + upper.T
    parts = np.zeros(len(linear)) if part is None else np.asarray(part)
    x = np.array(bits, dtype=np.int8)
    if x.shape != linear.shape or not np.isin(bits, (0, 1)).all():
        raise QwattError(f"{len(linear)} variables need as many bits of 0 or 1, not shape {x.shape}")
    while True:
        ones, zeros = np.flatnonzero(x), np.flatnonzero(x == 0)
        if not (len(ones) and len(zeros)):
            return x
        field = linear + couplings @ x
        change = field[zeros][None, :] - field[ones][:, None] - couplings[np.ix_(ones, zeros)]
        change[parts[ones][:, None] != parts[zeros]] = np.inf
        off, on = np.unravel_index(np.argmin(change), change.shape)
        if change[off, on] >= -1e-12 * (1.0 + np.abs(field).max()):
            return x
        x[ones[off]], x[zeros[on]] = 0, 1
