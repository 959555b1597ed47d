"""A fitted model on disk: its arrays as safetensors, and a description in JSON beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.data.rows import to_json

WEIGHTS = "model.safetensors"


def save_arrays(
    folder: Path,
    description: str,
    record: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    weights: str = WEIGHTS,
) -> list[Path]:
    """Write the arrays and the description; return both.

    Args:
        folder: made where it is missing.
        description: name of the JSON file.
        record: plain data.
        arrays: by name.
        weights: name of the arrays' file.
    """
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    named, file = folder / weights, folder / description
    save_file({name: np.asarray(array, order="C") for name, array in arrays.items()}, named)
    file.write_text(to_json(record, indent=2) + "\n", "utf-8")
    return [named, file]


def load_arrays(
    folder: Path, description: str, weights: str = WEIGHTS
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what `save_arrays` wrote.

    Raises:
        QwattError: a file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        record = json.loads((folder / description).read_text("utf-8"))
        if not isinstance(record, dict):
            raise TypeError(f"{description} holds no object")
        return record, load_file(folder / weights)
    except (OSError, ValueError, TypeError, RecursionError, SafetensorError) as error:
        raise unreadable(error, folder, description) from error


def unreadable(error: Exception, folder: Path, description: str) -> QwattError:
    """Return the error for a saved model that is missing or damaged, named after its description."""
    return QwattError(
        f"no saved {Path(description).stem} can be read here: {error}",
        where=str(folder),
        mend="give the folder of an artifact, as in RUN/artifacts/STAGE/TASK/METHOD",
    )
