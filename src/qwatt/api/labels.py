"""What an artifact says of the user's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qwatt.api.result import Result, Row
from qwatt.core.headline import counted

if TYPE_CHECKING:
    from qwatt.core.prediction import Prediction


@dataclass(frozen=True, repr=False)
class Labels(Result):
    """Labels of rows of data.

    Args:
        task, method: of the artifact that labelled.
        prediction: the labels.
    """

    task: str
    method: str
    prediction: Prediction

    @property
    def title(self) -> str:
        """Return how many rows were labelled, and by what."""
        return f"{counted(len(self.prediction.rows), 'row')} labelled by {self.method} of {self.task}"

    def rows(self) -> Sequence[Row]:
        """Return a row a row of data: what it is, its label, and scores where there are any."""
        return [dict(row) for row in self.prediction.rows]

    def to_dict(self) -> dict[str, Any]:
        """Return what `qwatt predict --json` prints."""
        prediction = self.prediction
        return {"labels": list(prediction.labels), "rows": self.rows(), "counts": prediction.counts}
