"""Rounding as QUBO: of each row, the columns of a window choose between two codes, the others as they are.

With d = Q - W the error of a row's output is d^T H d. Given the other columns it is least, over real numbers,
at u = Q_B - H_BB^-1 (H d)_B; each weight of the window B then chooses between the codes below and above u.
A window of the whole row is AdaRound's QUBO (arXiv:2004.10568), for which u is W. Rows decouple
(arXiv:2510.16075), so that all rows of a window are built at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.deployment.quantise.grid import Codes, Grid, Weights
from qwatt.stages.deployment.quantise.workbench import Moment

Bits = NDArray[np.int8]
"""One choice for each weight of a window, shape (rows, width)."""
Columns = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RowQubos:
    """A window's QUBO of every row: sum_j linear_j x_j + sum_ij quadratic_ij x_i x_j + constant, its energy.

    Args:
        below: the codes for x = 0, shape (rows, width); those for x = 1 are one higher.
        linear: shape (rows, width).
        quadratic: symmetric without a diagonal, shape (rows, width, width); each pair is in it twice.
        constant: shape (rows,).
        now: energy of the codes that the window has, shape (rows,).
    """

    below: NDArray[np.float64]
    linear: NDArray[np.float64]
    quadratic: NDArray[np.float64]
    constant: NDArray[np.float64]
    now: NDArray[np.float64]

    def energies(self, bits: Bits) -> NDArray[np.float64]:
        """Return what bits leave of the error of each row's output, shape (rows,)."""
        x = bits.astype(np.float64)
        pairs = (np.einsum("rij,rj->ri", self.quadratic, x) * x).sum(axis=1)
        return np.asarray((self.linear * x).sum(axis=1) + pairs + self.constant)

    def of_row(self, row: int) -> RowQubos:
        """Return the QUBO of one row."""
        one = slice(row, row + 1)
        parts = (self.below, self.linear, self.quadratic, self.constant, self.now)
        return RowQubos(*(part[one] for part in parts))


class RowState:
    """Rounded rows on the way to better ones; the error never grows.

    Args:
        weights: shape (rows, columns).
        moment: of the input, not singular.
        grid: of the rows.
        codes: to begin with.
    """

    def __init__(self, weights: Weights, moment: Moment, grid: Grid, codes: Codes) -> None:
        self.moment = moment
        self._steps, self._zeros = grid.steps.astype(np.float64), grid.offsets.astype(np.float64)
        self._top = grid.top.astype(np.float64)
        self._codes = codes.astype(np.float64)
        self._pull = (self._values(slice(None)) - weights) @ moment

    @property
    def codes(self) -> Codes:
        """The codes by now, shape (rows, columns)."""
        return self._codes.astype(np.uint8)

    def window(self, inside: Columns) -> RowQubos:
        """Return the QUBO of every row on the columns of a window."""
        own = self.moment[np.ix_(inside, inside)]
        steps, zeros = self._steps[:, inside], self._zeros[:, inside]
        best = self._values(inside) - np.linalg.solve(own, self._pull[:, inside].T).T
        below = np.clip(np.floor(best / steps + zeros), 0.0, self._top - 1.0)
        apart, now = (below - zeros) * steps - best, self._values(inside) - best
        quadratic = steps[:, :, None] * own * steps[:, None, :]
        diagonal = np.arange(len(inside))
        squares = quadratic[:, diagonal, diagonal].copy()
        quadratic[:, diagonal, diagonal] = 0.0
        pull = apart @ own
        return RowQubos(
            below,
            2.0 * steps * pull + squares,
            quadratic,
            (pull * apart).sum(axis=1),
            ((now @ own) * now).sum(axis=1),
        )

    def take(self, inside: Columns, qubos: RowQubos, bits: Bits) -> int:
        """Give the columns of a window the codes that bits mean, in the rows that gain by it; count these."""
        gains = qubos.energies(bits) < qubos.now * (1.0 - 1e-9)
        before = self._values(inside)
        self._codes[:, inside] = np.where(gains[:, None], qubos.below + bits, self._codes[:, inside])
        self._pull += (self._values(inside) - before) @ self.moment[inside]
        return int(gains.sum())

    def _values(self, inside: Columns | slice) -> NDArray[np.float64]:
        return (self._codes[:, inside] - self._zeros[:, inside]) * self._steps[:, inside]


def coupled_windows(moment: Moment, width: int, rng: np.random.Generator) -> list[Columns]:
    """Return windows that hold every column once: each a random column and those most correlated with it.

    Args:
        moment: of the input.
        width: most columns of a window.
        rng: draws the columns that windows begin with.
    """
    size = np.sqrt(moment.diagonal())
    left, found = np.arange(len(moment)), []
    while len(left):
        first = int(rng.choice(left))
        likeness = np.abs(moment[first, left]) / size[left]
        likeness[left == first] = np.inf
        chosen = np.argsort(-likeness, kind="stable")[:width]
        found.append(np.sort(left[chosen]))
        left = np.delete(left, chosen)
    return found


def window_widths(columns: int, width: int) -> list[int]:
    """Return the widths of the windows of one pass."""
    whole, rest = divmod(columns, width)
    return [width] * whole + [rest] * (rest > 0)
