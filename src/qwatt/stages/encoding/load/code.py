"""Encoded vectors as data: named arrays and plain settings, which are saved, loaded and sent about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError

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
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        arrays, description = folder / ARRAYS, folder / DESCRIPTION
        save_file({name: np.ascontiguousarray(array) for name, array in self.arrays.items()}, arrays)
        record = {
            "method": self.method,
            "vectors": self.vectors,
            "bytes_read": self.bytes_read,
            "config": dict(self.config),
        }
        description.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", "utf-8")
        return [arrays, description]

    @classmethod
    def load(cls, folder: Path) -> Code:
        """Read what `save` wrote.

        Raises:
            QwattError: a file is missing or damaged.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            record = json.loads((folder / DESCRIPTION).read_text("utf-8"))
            return cls(arrays=load_file(folder / ARRAYS), **record)
        except (OSError, ValueError, TypeError, SafetensorError) as error:
            raise QwattError(
                f"no saved code can be read here: {error}",
                where=str(folder),
                mend="give the folder of an artifact, as in RUN/artifacts/encoding/load/int8",
            ) from error
