"""Open what a run has made."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from qwatt.core.artifact import ArtifactCard

if TYPE_CHECKING:
    from qwatt.api.labels import Labels


@dataclass(frozen=True)
class Artifact:
    """What a method made of the user's data.

    Args:
        path: its folder.
        task: the task that it is of, such as "tuning/head".
        method: who made it.
    """

    path: Path
    task: str
    method: str

    @property
    def files(self) -> list[Path]:
        """Its files, without the card."""
        from qwatt.core.artifact import CARD

        return sorted(file for file in self.path.rglob("*") if file.is_file() and file.name != CARD)

    def predict(self, data: str | PathLike[str]) -> Labels:
        """Label data, as `qwatt predict` does.

        Args:
            data: a file or folder with the texts, or the rows of a table.

        Raises:
            QwattError: artifacts of this task label nothing, or the data cannot be read.
        """
        from qwatt.api.labels import Labels
        from qwatt.protocol.predictor import predict

        _, prediction = predict(self.path, fspath(data))
        return Labels(self.task, self.method, prediction)


def load(place: str | PathLike[str]) -> Artifact:
    """Open an artifact: its folder or main file, or a run with one task that labels data (its best method's).

    Raises:
        QwattError: neither of both, or a run without such an artifact.
    """
    from qwatt.protocol.predictor import artifact_of

    path = Path(place)
    folder = artifact_of(path.parent if path.is_file() else path)
    card = ArtifactCard.read(folder)
    return Artifact(folder, card.task, card.method)
