"""Gaussian blobs of a given spread: points with a known truth, made and not read."""

from __future__ import annotations

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.quantum.algorithms.lloyd import Labels, Points

BLOBS = "builtin:blobs"
COUNT = 4
_DIMENSIONS = 8
_APART = 2.0
"""Standard deviation of a centre's coordinates; a blob's own is the spread."""


def blobs(source: str, points: int, seed: int) -> tuple[Points, Labels]:
    """Return points of four blobs, whose sizes differ by one at most, and their blobs.

    Args:
        source: "builtin:blobs", or with the blobs' standard deviation, as "builtin:blobs:2.5".
        points: how many.
        seed: of centres and points.

    Raises:
        QwattError: the spread is no positive number.
    """
    text = source.removeprefix(BLOBS).removeprefix(":") or "1"
    try:
        spread = float(text)
    except ValueError:
        spread = -1.0
    if not 0 < spread < np.inf:
        what = f"the spread of blobs is a positive number, not {text!r}"
        raise QwattError(what, where=source, mend=f"write {BLOBS} or, as a spread, {BLOBS}:2.5")
    rng = np.random.default_rng([seed, 11])
    centres = rng.normal(0.0, _APART, (COUNT, _DIMENSIONS))
    labels = np.arange(points, dtype=np.int64) % COUNT
    return centres[labels] + rng.normal(0.0, spread, (points, _DIMENSIONS)), labels
