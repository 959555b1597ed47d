"""A fitted detector as data: named arrays, plain settings, and the scores that its threshold is set by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.data.saved_arrays import load_arrays, save_arrays
from qwatt.language.table_rows import Scale

Rows = NDArray[np.float64]
"""Vectors of texts, or scaled rows of a table, shape (texts, dimensions)."""
Scores = NDArray[np.float64]
"""One for each text, the larger the stranger, shape (texts,)."""
Arrays = Mapping[str, NDArray[Any]]

DESCRIPTION = "detector.json"
_ROUNDING = 1e-7
"""Of the range of the calibration's scores; less is no difference: that of one text's in two batches."""


@dataclass(frozen=True)
class Fitted:
    """What a method makes of clean rows.

    Args:
        arrays: its own numbers by name.
        facts: plain facts about the fit, such as a kernel's variance.
    """

    arrays: Arrays
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Detector:
    """Everything that scoring a text takes.

    Args:
        method: name of the method that fitted it and whose `score` reads it.
        encoder: name of the sentence encoder whose vectors it takes, or "table".
        settings: the method's.
        shots: of each circuit; None for exact values.
        arrays: the method's own numbers by name.
        calibration: scores of clean texts that it was not fitted on, in rising order.
        facts: about the fit.
        scale: the columns of a table that it takes, and their means and deviations; None for texts.
    """

    method: str
    encoder: str
    settings: Mapping[str, Any]
    shots: int | None
    arrays: Arrays = field(repr=False)
    calibration: Scores = field(repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)
    scale: Scale | None = None

    def p_values(self, scores: Scores) -> Scores:
        """Return the share of clean texts that score as high or higher, the scored one counted among them.

        For a clean text drawn as those were, the chance of a value of alpha or less is at most alpha, and
        equal to it where alpha (calibration texts + 1) is whole and no scores tie (arXiv:1411.3958).
        """
        count, known = len(self.calibration), self.calibration
        slack = _ROUNDING * (known[-1] - known[0]) if count else 0.0
        below = np.searchsorted(known, scores - slack, side="left")
        return np.asarray((1.0 + count - below) / (1.0 + count))

    def save(self, folder: Path) -> list[Path]:
        """Write `model.safetensors` and `detector.json`; return both."""
        record = {
            "method": self.method,
            "encoder": self.encoder,
            "settings": dict(self.settings),
            "shots": self.shots,
            "facts": dict(self.facts),
        }
        if self.scale is not None:
            record["scale"] = self.scale.record()
        arrays = {"calibration": self.calibration} | {f"own.{name}": a for name, a in self.arrays.items()}
        return save_arrays(folder, DESCRIPTION, record, arrays)

    @classmethod
    def load(cls, folder: Path) -> Detector:
        """Read what `save` wrote.

        Raises:
            QwattError: a file is missing or damaged.
        """
        record, arrays = load_arrays(folder, DESCRIPTION)
        try:
            if not isinstance(record["method"], str) or not isinstance(record["encoder"], str):
                raise TypeError("the method or the encoder is no text")
            calibration = np.sort(arrays.pop("calibration"))
            own = {name.removeprefix("own."): array for name, array in arrays.items()}
            return cls(
                record["method"],
                record["encoder"],
                dict(record["settings"]),
                record["shots"],
                own,
                calibration,
                dict(record["facts"]),
                Scale.from_record(record["scale"]) if "scale" in record else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise unusable(error, folder) from error


def unusable(error: Exception, folder: Path) -> QwattError:
    """Return the error for a saved detector that does not work."""
    return QwattError(
        f"the saved detector cannot be used: {type(error).__name__}: {error}",
        where=str(folder),
        mend="run the study again, so that the detector is saved anew",
    )
