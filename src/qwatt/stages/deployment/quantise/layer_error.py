"""How far a layer's outputs are from what they were: the quadratic form that every rounding minimises."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.deployment.quantise.grid import Weights
from qwatt.stages.deployment.quantise.workbench import Moment


def row_errors(difference: NDArray[np.floating], moment: Moment) -> NDArray[np.float64]:
    """Return d^T H d of each row's difference d, shape (rows,): the mean square error of that output."""
    d = np.asarray(difference, dtype=np.float64)
    return np.asarray(((d @ moment) * d).sum(axis=1))


def relative_error(
    rounded: Mapping[str, Weights], own: Mapping[str, Weights], moments: Mapping[str, Moment]
) -> float:
    """Return the mean over layers of the squared error of the outputs over the outputs' own square.

    Args:
        rounded: weights by layer, shape (outputs, inputs).
        own: what they were.
        moments: of the inputs, by layer.
    """
    shares = []
    for name, weights in rounded.items():
        moment = moments[name]
        error, size = row_errors(weights - own[name], moment), row_errors(own[name], moment)
        shares.append(float(error.sum()) / max(float(size.sum()), 1e-30))
    return float(np.mean(shares))
