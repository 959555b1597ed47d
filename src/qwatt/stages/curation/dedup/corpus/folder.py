"""The work folder: what passes have made, each file whole or not at all, for one input and one setting."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.durable import whole_file
from qwatt.core.errors import QwattError
from qwatt.data.names import shown


class WorkFolder:
    """Files of one deduplication.

    Args:
        path: the folder; every worker must see it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, identity: Mapping[str, Any]) -> bool:
        """Claim the folder for an input and settings; return whether there is something to go on from.

        Raises:
            QwattError: it holds the beginnings of another deduplication.
        """
        text = json.dumps(identity, indent=1, sort_keys=True)
        card = self.path / "of.json"
        if card.is_file():
            if card.read_text(encoding="utf-8") == text:
                return True
            raise QwattError(
                "the unfinished output is of other inputs or settings, or the inputs have changed",
                where=shown(str(self.path)),
                mend="remove that folder to begin anew, or give another --out",
            )
        if self.path.exists() and any(self.path.iterdir()):
            mend = "move it away, or give another --out"
            raise QwattError("holds other files", where=shown(str(self.path)), mend=mend)
        self.path.mkdir(parents=True, exist_ok=True)
        self.write("of.json", lambda file: file.write(text.encode()))
        return False

    def has(self, name: str) -> bool:
        """Return whether a file is there, and so whole."""
        return (self.path / name).is_file()

    def write(self, name: str, fill: Callable[[IO[bytes]], Any]) -> None:
        """Write a file that appears whole and on disk, or not at all."""
        with whole_file(self.path / name) as file:
            fill(file)

    def save(self, name: str, array: NDArray[Any]) -> None:
        """Write an array."""
        self.write(name, lambda file: np.save(file, array, allow_pickle=False))

    def load(self, name: str) -> NDArray[Any]:
        """Map an array into memory, for reading."""
        path = self.path / name
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        return found

    def save_record(self, name: str, record: Mapping[str, Any]) -> None:
        """Write a small JSON object."""
        self.write(name, lambda file: file.write(json.dumps(record).encode()))

    def load_record(self, name: str) -> dict[str, Any]:
        """Read a small JSON object."""
        record: dict[str, Any] = json.loads((self.path / name).read_bytes())
        return record

    def remove(self) -> None:
        """Remove the folder and everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
