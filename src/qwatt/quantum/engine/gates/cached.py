"""The kernels of a dtype made ready, and what tells a later process that the disk holds them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
import numpy as np

from qwatt.quantum.engine.gates import kernels, table


def warm(real: str) -> None:
    """Compile the loops for a real dtype, or read them from the disk, by a RY of one input and one weight."""
    places, slopes, one = np.zeros(2, np.int64), np.ones(2), np.ones((1, 1), real)
    gates, spans = np.array([[table.TURN, 1, 0, 0, 0]]), np.array([[0, 1, 2]])
    matrices, circles, state = np.ones((2, 0, 2, 2), real), np.ones((2, 1, 1), real), np.ones((2, 2), real)
    signs, weights = np.ones((2, 1), real), np.ones(1, real)
    shared = (gates, spans, np.zeros(1), places, slopes, matrices)
    kernels.forward(*shared, one, weights, signs, circles, state, np.empty_like(one))
    kernels.backward(gates, spans, places, slopes, matrices, signs, circles, state, one, one.copy(), weights)
    with suppress(OSError):  # a cache that cannot be written holds no kernels either
        mark(real).touch()


def mark(real: str) -> Path:
    """Return the file that stands beside kernels of a dtype, of this source and this numba, on the disk."""
    cached: Any = kernels.backward
    name = f"qwatt-{real}-{Path(kernels.__file__).stat().st_mtime_ns}-{numba.__version__}"
    return Path(cached.stats.cache_path) / name
