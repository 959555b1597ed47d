"""From rows to the few numbers that detectors compare: vectors of texts, and whitened components."""

from __future__ import annotations

from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.language import get_encoder
from qwatt.language.long_text import stream_vectors
from qwatt.stages.monitoring.drift.components import Components
from qwatt.stages.monitoring.drift.problem import Rows
from qwatt.stages.monitoring.drift.watch.form import Form, Values


class Features:
    """Vectors of rows, and their whitened components once `fit` has seen the reference.

    Args:
        form: of the rows.
        encoder: of texts.
        components: principal components that stand for a row; 0 for its numbers as they are.
    """

    def __init__(self, form: Form, encoder: str, components: int) -> None:
        self._encoder: Any = get_encoder(encoder) if form.kind == "text" else None
        self._wanted = components
        self._components: Components | None = None

    def fit(self, rows: Rows) -> None:
        """Find the components of a part of the reference, shape (rows, numbers).

        Raises:
            QwattError: it has too few rows.
        """
        if not self._wanted:
            return
        if len(rows) <= self._wanted:
            what = f"{len(rows)} rows, a quarter of the reference, do not give {self._wanted} components"
            raise QwattError(what, where="--components", mend="give a longer reference, or fewer components")
        self._components = Components.of(rows, self._wanted)

    def vectors(self, values: Values) -> Rows:
        """Return the vectors of texts, or numbers as they are, shape (rows, numbers)."""
        if self._encoder is None:
            return np.asarray(values, dtype=np.float64)
        return np.asarray(stream_vectors(self._encoder, list(values)), dtype=np.float64)

    def scaled(self, rows: Rows) -> Rows:
        """Return the components of vectors, shape (rows, features)."""
        return rows if self._components is None else self._components.rounded(rows)

    def __call__(self, values: Values) -> Rows:
        """Return what detectors take, shape (rows, features)."""
        return self.scaled(self.vectors(values))
