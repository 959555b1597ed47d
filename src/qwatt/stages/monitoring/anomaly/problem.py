"""What a detector of anomalies gets, clean texts or rows and mixed ones; and what it answers, scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.embedding import Embedding
from qwatt.language.table_rows import Rows as TableRows
from qwatt.language.table_rows import Scale
from qwatt.stages.monitoring.anomaly.model import Detector, Rows, Scores

TASK = "monitoring/anomaly"
ALPHA = 0.05
"""Rate of false alarms that every detector is calibrated at."""

Flags = NDArray[np.bool_]
"""Whether a text is anomalous, shape (texts,)."""


@dataclass(frozen=True)
class Counts:
    """How many texts each part holds; they follow each other in this order.

    Args:
        train: clean, without labels: what a detector is fitted on.
        calibration: clean: what its threshold is set by.
        validation: clean and anomalous ones: what settings are chosen by.
        test: held back.
    """

    train: int
    calibration: int
    validation: int
    test: int

    def part(self, name: str) -> slice:
        """Return where a part's texts are."""
        names = ("train", "calibration", "validation", "test")
        start = sum(getattr(self, before) for before in names[: names.index(name)])
        return slice(start, start + int(getattr(self, name)))


@dataclass(frozen=True, eq=False)
class AnomalyProblem(Problem):
    """Texts of which a few are anomalous.

    Args:
        ids: names of the texts.
        embedding: the texts and their vectors, part after part, or the rows of a table.
        counts: of the parts.
        anomalous: the truth, shape (texts,); False for all of `train` and `calibration`.
        planted: whether the anomalies were put among a user's own texts, of which nobody knows which are.
    """

    ids: tuple[str, ...]
    embedding: Embedding | TableRows
    counts: Counts
    anomalous: Flags
    planted: bool = False

    @property
    def vectors(self) -> Rows:
        """Vectors of all texts or rows, shape (texts, dimensions)."""
        found = self.embedding
        return np.asarray(found.vectors if isinstance(found, TableRows) else found.embed().value, np.float64)

    @property
    def scale(self) -> Scale | None:
        """Columns of a table and what makes them alike; None for texts."""
        return self.embedding.scale if isinstance(self.embedding, TableRows) else None

    @property
    def unit(self) -> str:
        """What is scored, in a word: a text or a row."""
        return "text" if self.scale is None else "row"

    def truth(self, part: str) -> Flags:
        """Return which texts of a part are anomalous."""
        return self.anomalous[self.counts.part(part)]


@dataclass(frozen=True, eq=False)
class AnomalyAnswer:
    """A fitted detector and the scores that it gave; the larger, the stranger.

    Args:
        detector: what is saved.
        validation: scores of the validation texts.
        test: scores of the held-back texts; None until the detector is applied.
    """

    detector: Detector
    validation: Scores
    test: Scores | None = None
