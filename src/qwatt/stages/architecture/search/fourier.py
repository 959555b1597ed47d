"""Truncated Fourier series in several angles: what every re-uploading circuit is (arXiv:2008.08605)."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

Angles = NDArray[np.float64]
"""Shape (points, angles)."""


def frequencies(angles: int, degree: int) -> NDArray[np.int64]:
    """Return all vectors with entries from -degree to degree, shape ((2 degree + 1)^angles, angles)."""
    return np.array(list(product(range(-degree, degree + 1), repeat=angles)), dtype=np.int64)


def sampling_grid(angles: int, degree: int) -> Angles:
    """Return the points that determine a series of this degree: 2 degree + 1 evenly spaced an angle."""
    steps = 2 * np.pi * np.arange(2 * degree + 1) / (2 * degree + 1)
    return np.array(list(product(steps, repeat=angles)))


def coefficients(values: NDArray[np.float64], angles: int, degree: int) -> NDArray[np.complex128]:
    """Return the coefficient of each of `frequencies`, from the values on `sampling_grid`.

    Args:
        values: shape ((2 degree + 1)^angles,).
        angles: number of variables.
        degree: highest frequency in each.
    """
    side = 2 * degree + 1
    spectrum = np.fft.fftn(values.reshape([side] * angles)) / side**angles
    return np.fft.fftshift(spectrum).reshape(-1)


def evaluate(series: NDArray[np.complex128], points: Angles, degree: int) -> NDArray[np.float64]:
    """Return the real values of a series at points, shape (points,)."""
    waves = np.exp(1j * points @ frequencies(points.shape[1], degree).T)
    return np.asarray((waves @ series).real)


def series_kernel(first: Angles, second: Angles, degree: int, decay: float) -> NDArray[np.float64]:
    """Return the inner products of all Fourier features of two lists of points, shape (first, second).

    The features are e^(i k x) for all of `frequencies`, weighted by decay^|k| in squared length, so that
    ridge regression on them is a fit of the whole series that prefers low frequencies. Each angle's sum over
    k has 2 degree + 1 terms, and the angles multiply.

    Args:
        first: shape (first, angles).
        second: shape (second, angles).
        degree: highest frequency in each angle.
        decay: weight of a frequency over that of the next lower one.
    """
    gaps = first[:, None, :] - second[None, :, :]
    orders = np.arange(1, degree + 1)
    weights = decay**orders
    sums = 1.0 + 2.0 * (np.cos(gaps[..., None] * orders) * weights).sum(axis=-1)
    return np.asarray((sums / (1.0 + 2.0 * weights.sum())).prod(axis=-1))
