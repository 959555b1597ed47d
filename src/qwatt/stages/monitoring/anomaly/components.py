"""A few numbers that stand for a text: leading components of the clean texts, and what is left over.

Components of clean texts alone hide what is strange in others, whose detectors then do worse than chance
(average precision 0.06 in a prototype): so the last number is the length of what the components leave out.
"""

from __future__ import annotations

import numpy as np

from qwatt.stages.monitoring.anomaly.model import Arrays, Rows

_SMALLEST = 1e-6
"""Deviations below this share of the largest are raised to it: rounding is not to be scaled up."""


def value_count(shape: tuple[int, int], wanted: int) -> int:
    """Return how many values stand for a text: the wanted ones, fewer where there are fewer components."""
    rows, dimensions = shape
    return min(wanted - 1, dimensions, rows - 1) + 1


def fit_components(rows: Rows, wanted: int) -> Arrays:
    """Return the `mean`, the `axes` scaled to variance 1, and the mean and deviation of the `rest`.

    Args:
        rows: clean ones, shape (rows, dimensions).
        wanted: values for each text, the length of the rest among them.
    """
    mean = rows.mean(axis=0)
    _, scales, axes = np.linalg.svd(rows - mean, full_matrices=False)
    count = value_count(rows.shape, wanted) - 1
    deviations = np.maximum(scales[:count], _SMALLEST * max(float(scales[0]), 1e-12)) / np.sqrt(len(rows) - 1)
    arrays = {"mean": mean, "axes": axes[:count], "deviations": deviations}
    rest = _rest(arrays, rows)
    return arrays | {"rest": np.array([rest.mean(), max(float(rest.std()), _SMALLEST)])}


def reduced(arrays: Arrays, rows: Rows) -> Rows:
    """Return each row's values, shape (rows, values), each of mean 0 and variance 1 on the clean rows."""
    middle, deviation = arrays["rest"]
    leading = (rows - arrays["mean"]) @ arrays["axes"].T / arrays["deviations"]
    return np.column_stack([leading, (_rest(arrays, rows) - middle) / deviation])


def _rest(arrays: Arrays, rows: Rows) -> Rows:
    centred = rows - arrays["mean"]
    return np.asarray(np.linalg.norm(centred - centred @ arrays["axes"].T @ arrays["axes"], axis=1))


def components_flop(shape: tuple[int, int]) -> float:
    """Return the operations of the singular values of clean rows: about 10 a value and component."""
    return 10.0 * shape[0] * shape[1] * min(shape)
