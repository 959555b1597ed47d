"""Principal components of the reference as the few numbers that stand for a text."""

from __future__ import annotations

import numpy as np

from qwatt.stages.monitoring.drift.problem import Rows

_SMALLEST = 1e-6
"""Deviations below this share of the largest are raised to it: rounding is not to be scaled up."""


def component_count(dimensions: int, normal: int, wanted: int) -> int:
    """Return the number of components that there are, at most the wanted ones."""
    return min(wanted, dimensions, normal - 1)


def components(rows: Rows, normal: int, wanted: int) -> Rows:
    """Return coordinates whose variance over the first `normal` rows is 1, shape (texts, components).

    All texts like the reference count alike, those of null windows too: so the labels that are permuted stay
    exchangeable.
    """
    mean = rows[:normal].mean(axis=0)
    _, scales, axes = np.linalg.svd(rows[:normal] - mean, full_matrices=False)
    count = component_count(rows.shape[1], normal, wanted)
    deviations = np.maximum(scales, _SMALLEST * max(float(scales[0]), 1e-12))[:count] / np.sqrt(normal - 1)
    return np.asarray((rows - mean) @ axes[:count].T / deviations)
