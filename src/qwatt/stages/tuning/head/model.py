"""A fitted head as data: named arrays and plain settings, which are saved, loaded and sent about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from qwatt.data.saved_arrays import load_arrays, save_arrays, unreadable

DESCRIPTION = "head.json"


@dataclass(frozen=True)
class HeadModel:
    """Everything that labelling a sentence takes.

    Args:
        method: name of the method that fitted it and whose `decide` reads it.
        classes: the classes' names, in the order of the scores' columns.
        encoder: name of the sentence encoder whose vectors it takes.
        parameters: trainable parameters.
        arrays: the method's own numbers by name.
        config: the method's own plain settings, such as the number of wires.
        scale: columns, mean and deviation of a table's training rows; empty of sentences.
    """

    method: str
    classes: tuple[str, ...]
    encoder: str
    parameters: int
    arrays: Mapping[str, NDArray[Any]] = field(repr=False)
    config: Mapping[str, Any] = field(default_factory=dict)
    scale: Mapping[str, Any] = field(default_factory=dict)

    def save(self, folder: Path) -> list[Path]:
        """Write `model.safetensors` and `head.json`; return both."""
        record = asdict(self) | {"arrays": sorted(self.arrays)}
        return save_arrays(folder, DESCRIPTION, record, self.arrays)

    @classmethod
    def load(cls, folder: Path) -> HeadModel:
        """Read what `save` wrote.

        Raises:
            QwattError: a file is missing or damaged.
        """
        record, arrays = load_arrays(folder, DESCRIPTION)
        try:
            _check(record)
            return cls(**(record | {"classes": tuple(record["classes"]), "arrays": arrays}))
        except (TypeError, KeyError) as error:
            raise unreadable(error, folder, DESCRIPTION) from error


def _check(record: Mapping[str, Any]) -> None:
    """Refuse names and settings of another type; what the settings mean is the method's own affair."""
    kinds = {"method": str, "encoder": str, "classes": list, "config": dict}
    for name, kind in kinds.items():
        if not isinstance(record[name], kind):
            raise TypeError(f"{DESCRIPTION}: {name} is no {kind.__name__}")
    if not isinstance(record.get("scale", {}), dict):  # earlier heads have none
        raise TypeError(f"{DESCRIPTION}: scale is no dict")
    if not all(isinstance(name, str) for name in record["classes"]):
        raise TypeError(f"{DESCRIPTION}: a class is no text")
