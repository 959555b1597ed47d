"""A training on disk, whole at every moment: a checkpoint appears in one step or not at all."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from qwatt.core.durable import whole_file
from qwatt.core.errors import QwattError

FILE = "checkpoint.pt"
OTHER_TRAINING = "the folder holds a training with other text, sizes, seed, budget or optimiser"


def write_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Write tensors, numbers and texts."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / FILE) as stream:
        torch.save(state, stream)


def read_checkpoint(folder: Path, recipe: str) -> dict[str, Any] | None:
    """Return the checkpoint of a folder, or None where there is none.

    Raises:
        QwattError: it cannot be read, or is of another training.
    """
    import torch  # not declared lazy, where `load` would be the module's own

    file = folder / FILE
    for scratch in folder.glob(f".{FILE}.*.part"):
        scratch.unlink()  # what a killed process left
    if not file.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(file, weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError) as error:
        raise QwattError("not a checkpoint that can be read", where=str(file), mend="delete it") from error
    if state["recipe"] != recipe:
        raise QwattError(OTHER_TRAINING, where=str(file), mend="give another folder, or delete this file")
    return state
