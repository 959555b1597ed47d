"""Where hashes stand among ascending ones, for so many of them at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.codes import Codes

AT_A_TIME = 1 << 20
"""Hashes that are looked up at a time."""


def look_up(values: Codes, among: Codes) -> Iterator[tuple[slice, NDArray[np.int64], NDArray[np.bool_]]]:
    """Yield a part of the values, their places among ascending ones, and which of them are there.

    Args:
        values: hashes, in any order.
        among: ascending hashes, one or more.
    """
    for start in range(0, len(values), AT_A_TIME):
        part = slice(start, min(start + AT_A_TIME, len(values)))
        place = np.minimum(np.searchsorted(among, values[part]), len(among) - 1)
        yield part, place, among[place] == values[part]
