"""Rows out of Parquet files and Hugging Face `datasets` folders, batch by batch, with pyarrow alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError

_BATCH_ROWS = 1024


def read_parquet(path: Path, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield ("file:row", fields); rows count from 1.

    Raises:
        QwattError: the file is not Parquet or is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            yield from _rows(file.iter_batches(batch_size=_BATCH_ROWS), name)
    except (pa.ArrowException, OSError) as error:
        what = f"not a whole Parquet file: {_first_line(error)}"
        raise QwattError(what, where=str(path), mend="write or copy the file again") from error


def is_datasets_folder(path: Path) -> bool:
    """Whether `datasets.save_to_disk` wrote the folder."""
    return (path / "dataset_dict.json").is_file() or (path / "state.json").is_file()


def read_datasets_folder(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield ("file:row", fields) of a `datasets` folder; of a dictionary of splits, the split "train".

    Raises:
        QwattError: a damaged folder, or several splits and none is called "train".
    """
    if (path / "dataset_dict.json").is_file():
        path /= _split(path)
    for file in _data_files(path):
        yield from _read_arrow(path / file, file)


def _split(path: Path) -> str:
    splits = _json(path / "dataset_dict.json").get("splits", [])
    if len(splits) == 1:
        return str(splits[0])
    if "train" in splits:
        return "train"
    raise QwattError(
        f"the folder has the splits {', '.join(splits) or 'none'}",
        where=str(path),
        mend="give the folder of one split",
    )


def _data_files(path: Path) -> list[str]:
    names = [entry["filename"] for entry in _json(path / "state.json").get("_data_files", [])]
    missing = [name for name in names if not (path / name).is_file()]
    if missing:
        raise QwattError(
            f"the data file {missing[0]} is missing", where=str(path), mend="copy the whole folder"
        )
    return names


def _json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise QwattError(f"cannot be read: {error}", where=str(path)) from error
    return content


def _read_arrow(path: Path, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            try:
                batches = iter(pa.ipc.open_stream(source))
            except pa.ArrowInvalid:
                file = pa.ipc.open_file(source)
                batches = (file.get_batch(i) for i in range(file.num_record_batches))
            yield from _rows(batches, name)
    except (pa.ArrowException, OSError) as error:
        raise QwattError(f"not a whole Arrow file: {_first_line(error)}", where=str(path)) from error


def _rows(batches: Iterator[Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    number = 0
    for batch in batches:
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            for row in batch.slice(start, _BATCH_ROWS).to_pylist():
                number += 1
                yield f"{name}:{number}", row


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
