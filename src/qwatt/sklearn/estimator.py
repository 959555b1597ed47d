"""What all estimators share: where their circuits run, with how many shots, and from which seed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend
from qwatt.data.table import LARGEST

BACKEND = "engine:cpu?dtype=complex128"
"""Where circuits run by default: double precision, so that a row's result does not depend on its company."""

Samples = NDArray[np.float64]
"""Shape (samples, features)."""
_MADE_BY = "_qwatt_version"


class CircuitEstimator(BaseEstimator):  # type: ignore[misc]
    """Base. Its subclasses have the parameters `shots`, `backend` and `random_state`."""

    shots: int | None
    backend: str
    random_state: Any

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes for a pickle, and which version they are of."""
        return {**super().__getstate__(), _MADE_BY: version("qwatt")}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Take the attributes of a pickle; those of another version with a warning."""
        attributes = dict(state)
        made_by, own = attributes.pop(_MADE_BY, None), version("qwatt")
        if made_by != own:
            warnings.warn(
                f"{type(self).__name__} was pickled by qwatt {made_by or 'of an unknown version'}, and this "
                f"is {own}: its results may differ; fit it again, or install that version",
                UserWarning,
                stacklevel=2,
            )
        super().__setstate__(attributes)

    def _draw_seed(self) -> None:
        """Set `seed_`, by which every later call draws its shots: the same rows get the same results."""
        self.seed_ = int(check_random_state(self.random_state).randint(2**31))

    def _context(self) -> Unmetered:
        return Unmetered(get_backend(self.backend), self.shots, self.seed_)

    def _new(self, x: Any) -> Samples:
        """Return rows to be transformed or labelled, checked against those of the fit."""
        return bounded(np.asarray(validate_data(self, x, reset=False, dtype=np.float64)))

    def _fitting(self, x: Any, least: int = 2) -> Samples:
        """Return rows to fit on, and draw the seed."""
        rows = bounded(np.asarray(validate_data(self, x, dtype=np.float64, ensure_min_samples=least)))
        self._draw_seed()
        return rows


def bounded(rows: Samples) -> Samples:
    """Return rows as they are, and refuse numbers whose squares are not finite."""
    far = np.argwhere(np.abs(rows) > LARGEST)
    if len(far):
        row, column = far[0].tolist()
        what = f"row {row}, column {column}: {rows[row, column]:g} is beyond {LARGEST:g}"
        raise ValueError(f"{what}, and its square not finite; give the column in another unit")
    return rows
