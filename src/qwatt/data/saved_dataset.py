"""Folders that Hugging Face `datasets` wrote with `save_to_disk`: their files, indices and splits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.data.arrow_values import Damaged
from qwatt.data.columnar import Batch, arrow_errors, check, damaged_folder, record_batches, rows_of
from qwatt.data.names import listed, shown
from qwatt.data.reading import Row
from qwatt.data.report import ReadReport
from qwatt.data.streams import Source, is_folder

_STATE, _SPLITS = "state.json", "dataset_dict.json"
_INDEX_ROWS = 16_384
_MEND = "copy the whole folder again, or save the data set again"


def is_saved_dataset(path: Path) -> bool:
    """Whether `datasets.save_to_disk` wrote the folder."""
    return (path / _SPLITS).is_file() or (path / _STATE).is_file()


def read_saved_dataset(path: Path, prefix: str, report: ReadReport) -> Iterator[Row]:
    """Yield the rows of a saved data set in its own order; of a dictionary of splits, those of "train".

    Args:
        path: the folder.
        prefix: what stands before file names in places, such as "train/".
        report: gets what was decided.

    Raises:
        QwattError: a damaged folder, or several splits and none is called "train".
    """
    if (path / _SPLITS).is_file():
        path /= _split(path, report)
    state = _json(path / _STATE)
    data, chosen = (_files(path, state, key) for key in ("_data_files", "_indices_data_files"))
    if chosen:
        yield from _selected(path, data, chosen, prefix, report)
        return
    for file in data:
        source = Source(path / file, f"{prefix}{shown(file)}")
        try:
            yield from rows_of(record_batches(source.path), source, report)
        except arrow_errors() as error:
            raise damaged_folder(path, file, error) from error


def _selected(
    path: Path, data: list[str], chosen: list[str], prefix: str, report: ReadReport
) -> Iterator[Row]:
    """Yield the rows that `select`, `shuffle` or `filter` left, in their order, by the saved indices."""
    source = Source(path, f"{prefix}{shown(data[0])}" if data else prefix)
    file = ""
    try:
        batches = []
        for file in data:
            batches += [check(batch, source, report) for batch in record_batches(path / file)]
        number = 0
        for file in chosen:
            for indices in _indices(path / file, sum(batch.rows for batch in batches)):
                for fields in _picked(batches, indices, source, report):
                    number += 1
                    yield f"{source.name}:{number}", fields
    except arrow_errors() as error:
        raise damaged_folder(path, file, error) from error


def _picked(batches: list[Batch], indices: Any, source: Source, report: ReadReport) -> list[dict[str, Any]]:
    """Return the fields of these rows in this order; each batch is asked once."""
    import numpy as np
    import pyarrow as pa

    starts = np.cumsum([0, *(batch.rows for batch in batches)])
    home = np.searchsorted(starts, indices, side="right") - 1
    rows: list[dict[str, Any]] = [{}] * len(indices)
    for number in np.unique(home).tolist():
        places = np.flatnonzero(home == number)
        own = pa.array(indices[places] - starts[number])
        part = batches[number].part(lambda array, own=own: array.take(own), len(own))
        for place, fields in zip(places.tolist(), part.fields(source, report), strict=True):
            rows[place] = fields
    return rows


def _indices(path: Path, rows: int) -> Iterator[Any]:
    """Yield arrays of row numbers from 0, int64.

    Raises:
        Damaged: one of them is no row of the data.
    """
    import pyarrow as pa

    for batch in record_batches(path):
        batch.validate(full=True)
        numbers = batch.column(0)
        if not pa.types.is_integer(numbers.type) or numbers.null_count:
            raise Damaged("the indices are not whole numbers")
        values = numbers.to_numpy(zero_copy_only=False)
        if len(values) and not 0 <= int(values.min()) <= int(values.max()) < rows:
            raise Damaged(f"an index is none of the {rows:,} rows")
        for first in range(0, len(values), _INDEX_ROWS):
            yield values[first : first + _INDEX_ROWS].astype("int64")


def _split(path: Path, report: ReadReport) -> str:
    splits = _json(path / _SPLITS).get("splits")
    if not isinstance(splits, list) or not all(_plain(name) for name in splits):
        raise QwattError("the list of splits is damaged", where=shown(str(path / _SPLITS)), mend=_MEND)
    if "train" not in splits and len(splits) != 1:
        raise QwattError(
            f"the folder has the splits {listed(splits) or 'none'}",
            where=shown(str(path)),
            mend="give the folder of one split",
        )
    split = "train" if "train" in splits else str(splits[0])
    others = [name for name in splits if name != split]
    if others:
        report.note(f"of the splits, {split} is read, and not {listed(others)}")
    return split


def _files(path: Path, state: dict[str, Any], key: str) -> list[str]:
    """Return the names of the files that a data set's state lists.

    Raises:
        QwattError: the list is damaged, or a file is missing.
    """
    entries = state.get(key) or []
    names = (
        [e.get("filename") if isinstance(e, dict) else None for e in entries]
        if isinstance(entries, list)
        else [None]
    )
    for name in names:
        if not _plain(name):
            raise QwattError(f"the list {key} is damaged", where=shown(str(path / _STATE)), mend=_MEND)
        try:
            missing = is_folder(path / str(name))
        except QwattError:
            missing = True
        if missing:
            what = f"the data file {shown(str(name))} is missing"
            raise QwattError(what, where=shown(str(path)), mend="copy the whole folder")
    return [str(name) for name in names]


def _plain(name: object) -> bool:
    """Whether this is the name of something that lies in the folder itself."""
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & set("/\\\0")


def _json(path: Path) -> dict[str, Any]:
    where = shown(str(path))
    try:
        is_folder(path)
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise QwattError(f"cannot be read: {error}", where=where, mend=_MEND) from error
    if not isinstance(content, dict):
        raise QwattError("not a JSON object", where=where, mend=_MEND)
    return content
