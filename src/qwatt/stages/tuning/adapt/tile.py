"""The part of each weight matrix that a variational circuit can hold: its heaviest tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.tuning.adapt.principal import Factors, balanced
from qwatt.stages.tuning.adapt.settings import Setup


@dataclass(frozen=True)
class Tile:
    """A tile of a matrix.

    Args:
        values: shape (side, side), less at the matrix' ends.
        row: its first row.
        column: its first column.
        shape: of the whole matrix.
    """

    values: NDArray[np.float64]
    row: int
    column: int
    shape: tuple[int, int]

    def within(
        self, left: NDArray[np.float64], values: NDArray[np.float64], right: NDArray[np.float64]
    ) -> Factors:
        """Return the tile's factors as those of the whole matrix, zero outside of it."""
        own = balanced(left, values, right)
        whole = [np.zeros((side, len(values))) for side in self.shape]
        whole[0][self.row : self.row + len(left)] = own.left
        whole[1][self.column : self.column + len(right)] = own.right
        return Factors(*whole)


def heaviest_tiles(setup: Setup) -> list[Tile]:
    """Return of every matrix the tile of largest Frobenius norm, of the side that the problem says."""
    side, subject = setup.shape.tile, setup.pretrained
    return [heaviest(subject.weight(matrix).double().numpy(), side) for matrix in subject.matrices]


def heaviest(weight: NDArray[np.float64], side: int) -> Tile:
    """Return the heaviest of the tiles that a grid of a side cuts a matrix into."""
    corners = [(r, c) for r in range(0, weight.shape[0], side) for c in range(0, weight.shape[1], side)]
    norms = [float(np.square(weight[r : r + side, c : c + side]).sum()) for r, c in corners]
    row, column = corners[int(np.argmax(norms))]
    rows, columns = weight.shape
    return Tile(weight[row : row + side, column : column + side].copy(), row, column, (rows, columns))


def tile_rank(setup: Setup) -> int:
    """Return the number of factors that every tile has."""
    side, matrices = setup.shape.tile, setup.pretrained.matrices
    return min(setup.rank, *(size % side or side for m in matrices for size in (m.rows, m.columns)))


def leading(left: Any, values: Any, right: Any, rank: int) -> tuple[Any, Any, Any]:
    """Return the first factors of a decomposition, at most so many."""
    return left[:, :rank], values[:rank], right[:, :rank]


def widened(factors: Factors, rank: int) -> Factors:
    """Fill factors up to a rank: the right ones with what a tile of lower rank lacks, the left ones with 0.

    What is filled in begins as LoRA does, and can be trained.
    """
    lacking = rank - factors.left.shape[1]
    if not lacking:
        return factors
    rng = np.random.default_rng(rank)
    columns = factors.right.shape[0]
    drawn = rng.normal(0.0, 1.0 / np.sqrt(columns), (columns, lacking))
    zeros = np.zeros((factors.left.shape[0], lacking))
    return Factors(np.hstack([factors.left, zeros]), np.hstack([factors.right, drawn]))
