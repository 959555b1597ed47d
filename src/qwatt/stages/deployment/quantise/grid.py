"""The numbers that a rounded weight may be: 2^bits evenly spaced ones, a scale and a zero for each group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
"""Which of its numbers each weight is, shape (rows, columns)."""
Weights = NDArray[np.float32]
"""Shape (rows, columns)."""

SHRINKS = np.linspace(1.0, 0.4, 13)
"""Shares of the range from least to largest weight that are tried."""
_SCALE_BITS = 16
_LEAST_SCALE = 1e-6
"""Of a group of zeros alone; a float16 holds it."""


@dataclass(frozen=True, eq=False)
class Grid:
    """A weight is scale x (code - zero), the code from 0 to 2^bits - 1.

    Args:
        scale: shape (rows, groups), each exactly a float16.
        zero: codes that stand for 0, shape (rows, groups).
        bits: of a code, by row; shape (rows,).
        group: columns that share a scale, the last group perhaps fewer.
        columns: weights in a row.
    """

    scale: NDArray[np.float32]
    zero: Codes
    bits: NDArray[np.int64]
    group: int
    columns: int

    @property
    def top(self) -> NDArray[np.float32]:
        """The largest code of a row, shape (rows, 1)."""
        return (2.0**self.bits - 1.0).astype(np.float32)[:, None]

    @property
    def steps(self) -> NDArray[np.float32]:
        """The scale of each weight, shape (rows, columns)."""
        return self._spread(self.scale)

    @property
    def offsets(self) -> NDArray[np.float32]:
        """The zero of each weight, shape (rows, columns)."""
        return self._spread(self.zero.astype(np.float32))

    @property
    def stored_bits(self) -> float:
        """Bits of all scales and zeros."""
        return float(((_SCALE_BITS + self.bits) * self.scale.shape[1]).sum())

    def nearest(self, weights: Weights) -> Codes:
        """Return the codes nearest to weights, shape (rows, columns)."""
        places = np.rint(weights / self.steps) + self.offsets
        return np.asarray(np.clip(places, 0.0, self.top), dtype=np.uint8)

    def values(self, codes: Codes) -> Weights:
        """Return what codes stand for."""
        return (codes.astype(np.float32) - self.offsets) * self.steps

    def of_rows(self, rows: slice) -> Grid:
        """Return the grid of some rows."""
        return Grid(self.scale[rows], self.zero[rows], self.bits[rows], self.group, self.columns)

    def _spread(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.repeat(values, self.group, axis=1)[:, : self.columns]


def fit_grid(
    weights: Weights, bits: NDArray[np.int64], group: int, clip: str, importance: NDArray[np.float64]
) -> Grid:
    """Return the grid of some rows, fitted before anything is rounded, for every method alike.

    Args:
        weights: shape (rows, columns).
        bits: of a code, shape (rows,).
        group: columns that share a scale; 0 for a whole row.
        clip: "minmax" covers all weights; "mse" the share of that range with the least squared error.
        importance: how much an error in each column counts, shape (columns,): its input's mean square.
    """
    rows, columns = weights.shape
    size = group or columns
    groups = -(-columns // size)
    padded = np.zeros((rows, groups * size), dtype=np.float32)
    padded[:, :columns] = weights
    counts = np.zeros(groups * size, dtype=np.float32)
    counts[:columns] = importance / max(float(importance.mean()), 1e-30)
    blocks, counted = padded.reshape(rows, groups, size), counts.reshape(groups, size)
    low = np.minimum(blocks.min(axis=2), 0.0)
    high = np.maximum(blocks.max(axis=2), 0.0)
    top = (2.0**bits - 1.0).astype(np.float32)[:, None]
    best_scale, best_zero = _placed(low, high, top)
    if clip == "mse":
        least = np.full((rows, groups), np.inf, dtype=np.float32)
        for shrink in SHRINKS:
            scale, zero = _placed(shrink * low, shrink * high, top)
            wide, first = scale[:, :, None], zero[:, :, None]
            codes = np.clip(np.rint(blocks / wide) + first, 0.0, top[:, :, None])
            error = (((codes - first) * wide - blocks) ** 2 * counted).sum(axis=2)
            better = error < least
            least = np.where(better, error, least)
            best_scale, best_zero = np.where(better, scale, best_scale), np.where(better, zero, best_zero)
    return Grid(best_scale, best_zero.astype(np.uint8), bits, size, columns)


def _placed(
    low: NDArray[np.float32], high: NDArray[np.float32], top: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return scale, as a float16 has it, and zero of ranges that hold 0; each (rows, groups)."""
    wide = np.maximum((high - low) / top, _LEAST_SCALE)
    scale = wide.astype(np.float16).astype(np.float32)
    return scale, np.clip(np.rint(-low / scale), 0.0, top)
