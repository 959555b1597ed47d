"""Load curves of German grids (SimBench): the labelled substitute for the data of arXiv:2112.08506."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.data import fetch

if TYPE_CHECKING:
    from pyarrow import csv
else:
    csv = lazy("pyarrow.csv")

GRID = "simbench"
VALUES = 8
"""Mean powers of three hours each: three qubits of amplitudes."""
_QUARTERS = 4 * 24
_AGGREGATES = ("lv_", "mv_", "hv_")
"""Whole grids among the profiles, which are sums of the others and may feed back."""


def weekly_curves() -> tuple[list[str], NDArray[np.float64]]:
    """Return every consumer's mean day of every week of the year, shape (80 profiles x 52 weeks, 8).

    Values are active power in units of the profile's own peak, 0 or more.

    Raises:
        QwattError: the package cannot be fetched.
    """
    table = csv.read_csv(fetch(GRID), parse_options=csv.ParseOptions(delimiter=";"))
    names = [name for name in table.column_names if name.endswith("_pload")]
    names = [name for name in names if not name.startswith(_AGGREGATES)]
    power = np.stack([table[name].to_numpy().astype(np.float64) for name in names])
    weeks = power.shape[1] // (7 * _QUARTERS)
    days = power[:, : weeks * 7 * _QUARTERS].reshape(len(names), weeks, 7, VALUES, -1)
    curves = days.mean(axis=(2, 4)).reshape(-1, VALUES)
    ids = [f"{name.removesuffix('_pload')}, week {week + 1}" for name in names for week in range(weeks)]
    return ids, np.maximum(curves, 0.0)
