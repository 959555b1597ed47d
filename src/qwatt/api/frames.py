"""Rows as a frame of pandas or polars, whichever is installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from qwatt.api.result import Row
from qwatt.core.errors import QwattError, unknown_name

LIBRARIES = ("pandas", "polars")


def to_frame(rows: Sequence[Row], library: str | None = None) -> Any:
    """Return a DataFrame with the rows' columns in order of appearance.

    Args:
        rows: a mapping a row.
        library: "pandas" or "polars"; else the first of them that is installed.

    Raises:
        QwattError: no such library, or it is not installed.
    """
    if library is not None and library not in LIBRARIES:
        raise unknown_name("library of frames", library, LIBRARIES, where="frame")
    wanted = (library,) if library else LIBRARIES
    name = next((one for one in wanted if find_spec(one) is not None), None)
    if name is None:
        mend = " or ".join(f"pip install {one}" for one in wanted)
        raise QwattError(f"a frame needs {' or '.join(wanted)}", where="frame", mend=mend)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    data = {column: [_flat(row.get(column)) for row in rows] for column in columns}
    frames = import_module(name)
    return frames.DataFrame(data, strict=False) if name == "polars" else frames.DataFrame(data)


def _flat(value: Any) -> Any:
    """Return what a cell can hold: names of enumerations as text, lists as text."""
    if isinstance(value, str):
        return str(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
