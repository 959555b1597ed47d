"""Scalar quantisation: each number of a row as one byte, and a scale for the row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.stages.encoding.load.problem import Similarities


def quantised(rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return `codes`, int8 of the rows' shape, and `scales`, float32 (rows,): row = scale * code.

    The largest value of a row is 127, so that an error is at most half a scale.
    """
    scales = np.maximum(np.abs(rows).max(axis=1), np.finfo(np.float32).tiny) / 127.0
    codes = np.rint(rows / scales[:, None]).astype(np.int8)
    return {"codes": codes, "scales": scales.astype(np.float32)}


def products(queries: NDArray[Any], arrays: Any) -> Similarities:
    """Return inner products with quantised rows, shape (queries, rows)."""
    return np.asarray((queries @ arrays["codes"].astype(np.float32).T) * arrays["scales"], dtype=np.float64)


def quantised_effort(numbers: float) -> Effort:
    """Return the work of `quantised`: a maximum, a division, a rounding and two conversions a number."""
    return Effort(work={"elementwise": 8.0 * numbers})


def products_effort(queries: int, numbers: float) -> Effort:
    """Return the work of `products`: the bytes become floats, and are multiplied."""
    return Effort(work={"elementwise": 3.0 * numbers, "gemm_flop": 2.0 * queries * numbers})
