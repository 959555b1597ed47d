"""What an artifact says of new data: a label a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwatt.core.errors import QwattError


@dataclass(frozen=True)
class Prediction:
    """Labels predicted for rows of data.

    Args:
        labels: the label names that the artifact knows.
        rows: one mapping a row of data, in its order: "id", "text", "label", scores where there are any,
            and then the fields that the row of the data had.

    Raises:
        QwattError: a row's label is none of `labels`.
    """

    labels: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]

    def __post_init__(self) -> None:
        for row in self.rows:
            if row["label"] not in self.labels:
                raise QwattError(f"{row['label']!r} is none of the labels {', '.join(self.labels)}")

    @property
    def counts(self) -> dict[str, int]:
        """How many rows got each label, those that none got included."""
        found = Counter(row["label"] for row in self.rows)
        return {label: found[label] for label in self.labels}
