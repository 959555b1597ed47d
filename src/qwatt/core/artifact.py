"""The card in an artifact's folder: which task and method made it, so that it can be used on its own."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from qwatt.core.errors import QwattError

CARD = "artifact.json"
FORMAT = 1


@dataclass(frozen=True)
class ArtifactCard:
    """Who made an artifact.

    Args:
        task: the task's name.
        method: the method's name.
    """

    task: str
    method: str

    def write(self, folder: Path) -> Path:
        """Write `artifact.json` into the artifact's folder and return the file."""
        file = folder / CARD
        file.write_text(json.dumps({"format": FORMAT} | asdict(self), indent=2) + "\n", encoding="utf-8")
        return file

    @classmethod
    def read(cls, folder: Path) -> ArtifactCard:
        """Read the card of an artifact's folder.

        Raises:
            QwattError: there is none, or it is damaged or of a later format.
        """
        file = folder / CARD
        mend = "give the folder of an artifact, as in runs/NAME/artifacts/tuning/head/METHOD"
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
            number, card = record["format"], cls(record["task"], record["method"])
            if not (isinstance(card.task, str) and isinstance(card.method, str)):
                raise TypeError
        except OSError as error:
            raise QwattError(f"cannot read the card: {error.strerror}", where=str(file), mend=mend) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise QwattError("not the card of an artifact", where=str(file), mend=mend) from error
        if number != FORMAT:
            what = f"format {number!r}; this version of qwatt reads {FORMAT}"
            raise QwattError(what, where=str(file), mend="update qwatt, or export the artifact again")
        return card
