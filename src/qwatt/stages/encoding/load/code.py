"""Encoded vectors as data: named arrays and plain settings, which are saved, loaded and sent about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from qwatt.data.saved_arrays import load_arrays, save_arrays, unreadable

ARRAYS, DESCRIPTION = "code.safetensors", "code.json"


@dataclass(frozen=True)
class Code:
    """Everything that comparing a query with the stored vectors takes.

    Args:
        method: name of the method that encoded, and whose `compare` reads it.
        vectors: number of stored vectors.
        bytes_read: bytes of classical data that one inner product takes: of a code what it reads of it, of a
            circuit its angles, as often as it runs.
        arrays: the method's own numbers by name.
        config: the method's own plain settings.
    """

    method: str
    vectors: int
    bytes_read: float
    arrays: Mapping[str, NDArray[Any]] = field(repr=False)
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bytes_kept(self) -> int:
        """Bytes of all arrays, code books and rotations included."""
        return sum(array.nbytes for array in self.arrays.values())

    def save(self, folder: Path) -> list[Path]:
        """Write `code.safetensors` and `code.json`."""
        record = {
            "method": self.method,
            "vectors": self.vectors,
            "bytes_read": self.bytes_read,
            "config": dict(self.config),
        }
        return save_arrays(folder, DESCRIPTION, record, self.arrays, ARRAYS)

    @classmethod
    def load(cls, folder: Path) -> Code:
        """Read what `save` wrote.

        Raises:
            QwattError: a file is missing or damaged.
        """
        record, arrays = load_arrays(folder, DESCRIPTION, ARRAYS)
        try:
            return cls(arrays=arrays, **record)
        except TypeError as error:
            raise unreadable(error, folder, DESCRIPTION) from error
