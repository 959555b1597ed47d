"""Finite shots: basis states drawn from probabilities, and what they average to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Array


def draw(probs: Array, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw basis states by inversion of the cumulated probabilities.

    Args:
        probs: shape (batch, 2**wires), tensor or array; each row is normalised first.
        shots: draws per row.
        rng: source of randomness.

    Returns:
        Indices of basis states, shape (batch, shots); wire 0 is the most significant bit.
    """
    cumulated = np.cumsum(_rows(probs), axis=1)
    points = rng.random((len(cumulated), shots)) * cumulated[:, -1:]
    pairs = zip(cumulated, points, strict=True)
    return np.stack([np.searchsorted(row, at, side="right") for row, at in pairs]).astype(np.int64)


def draw_counts(probs: Array, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw how often each basis state comes in the shots, which is faster than `draw` where states are few.

    Args:
        probs: shape (batch, 2**wires), tensor or array; each row is normalised first.
        shots: draws per row.
        rng: source of randomness.

    Returns:
        Counts, shape (batch, 2**wires).
    """
    rows = _rows(probs)
    return np.asarray(rng.multinomial(shots, rows / rows.sum(axis=1, keepdims=True)), dtype=np.int64)


def bits(indices: NDArray[np.int64], wires: int, of: Sequence[int] | None = None) -> NDArray[np.int8]:
    """Return the bits of basis states, shape (*indices.shape, wires read); wire 0 is most significant.

    Args:
        indices: basis states of any shape.
        wires: number of qubits.
        of: wires to read; the default is all.
    """
    shifts = wires - 1 - np.asarray(range(wires) if of is None else of)
    found: NDArray[np.int8] = ((indices[..., None] >> shifts) & 1).astype(np.int8)
    return found


def z_means(indices: NDArray[np.int64], wires: int, of: Sequence[int]) -> NDArray[np.float64]:
    """Return the mean Z of each wire in `of` over the shots, shape (batch, len(of))."""
    means: NDArray[np.float64] = bits(indices, wires, of).mean(axis=1, dtype=np.float64)
    return 1.0 - 2.0 * means


def frequencies(indices: NDArray[np.int64], wires: int) -> NDArray[np.float64]:
    """Return the relative frequency of every basis state, shape (batch, 2**wires)."""
    counts = np.stack([np.bincount(row, minlength=2**wires) for row in indices])
    return np.asarray(counts / indices.shape[1], dtype=np.float64)


def _rows(probs: Array) -> NDArray[np.float64]:
    plain = probs if isinstance(probs, np.ndarray) else probs.detach().cpu()
    return np.clip(np.asarray(plain, dtype=np.float64), 0.0, None)
