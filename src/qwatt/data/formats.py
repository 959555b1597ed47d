"""From a path to rows: which reader takes which file, and folders of files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from qwatt.core.errors import QwattError
from qwatt.data.columnar import is_datasets_folder, read_datasets_folder, read_parquet
from qwatt.data.text import MAX_DOCUMENT_BYTES, bounded_lines, decode, looks_binary, open_binary

Row = tuple[str, Mapping[str, Any]]
"""Where it is, as "file:line", and its fields."""


class Report(Protocol):
    """What a reader tells about what it could not use."""

    encodings: Any

    def skip(self, reason: str, place: str) -> None:
        """Count one skipped row or file."""
        ...


def open_rows(path: Path, report: Report) -> Iterator[Row]:
    """Yield the rows of a file or folder, in a fixed order.

    Raises:
        QwattError: the path does not exist, its type is unknown, or the file is broken.
    """
    if not path.exists():
        raise QwattError("no such file or folder", where=str(path), mend="check the path")
    if path.is_dir():
        yield from _folder(path, report)
        return
    if (reader := _reader(path)) is None:
        raise QwattError(
            f"unknown file type {path.suffix or 'without a suffix'!r}",
            where=str(path),
            mend=f"known types: {', '.join(_READERS)}",
        )
    yield from reader(path, path.name, report)


def _folder(path: Path, report: Report) -> Iterator[Row]:
    if is_datasets_folder(path):
        yield from read_datasets_folder(path)
        return
    files = sorted(f for f in path.rglob("*") if f.is_file() and not _hidden(f.relative_to(path)))
    if not any(_reader(f) for f in files):
        raise QwattError(
            "the folder has no file of a known type", where=str(path), mend=f"known: {', '.join(_READERS)}"
        )
    for file in files:
        name = file.relative_to(path).as_posix()
        if (reader := _reader(file)) is None:
            report.skip(f"unknown file type {file.suffix!r}", name)
        else:
            yield from reader(file, name, report)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _read_txt(path: Path, name: str, report: Report) -> Iterator[Row]:
    with open_binary(path) as stream:
        data = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(data) > MAX_DOCUMENT_BYTES:
        report.skip(f"longer than {MAX_DOCUMENT_BYTES >> 20} MiB", name)
    elif looks_binary(data):
        report.skip("binary, not text", name)
    else:
        text, encoding = decode(data)
        if encoding != "utf-8":
            report.encodings[encoding] += 1
        yield name, {"id": name, "text": text}


def _read_jsonl(path: Path, name: str, report: Report) -> Iterator[Row]:
    good = bad = 0
    for number, line in bounded_lines(path):
        place = f"{name}:{number}"
        if line is None:
            report.skip(f"longer than {MAX_DOCUMENT_BYTES >> 20} MiB", place)
            continue
        if not line.strip():
            continue
        row = _json_object(line, report)
        if isinstance(row, str):
            bad += 1
            report.skip(row, place)
            if not good and bad > 100:
                break
            continue
        good += 1
        yield place, row
    if bad and not good:
        raise QwattError(
            "no line is a JSON object", where=f"{path}:1", mend='write one object a line, as {"text": "..."}'
        )


def _json_object(line: bytes, report: Report) -> dict[str, Any] | str:
    text, encoding = decode(line)
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return "not JSON"
    if not isinstance(row, dict):
        return "JSON, but not an object"
    if encoding != "utf-8":
        report.encodings[encoding] += 1
    return row


def _read_csv(path: Path, name: str, report: Report, delimiter: str = ",") -> Iterator[Row]:
    csv.field_size_limit(MAX_DOCUMENT_BYTES)
    reader = csv.reader(_csv_lines(path, report), delimiter=delimiter)
    try:
        header = next(reader, None)
        if header is None:
            return
        for cells in reader:
            if not cells:
                continue
            place = f"{name}:{reader.line_num}"
            if len(cells) != len(header):
                report.skip(f"has another number of cells than the header's {len(header)}", place)
            else:
                yield place, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise QwattError(
            f"broken CSV: {error}", where=f"{path}:{reader.line_num}", mend="check the quotes"
        ) from error


def _csv_lines(path: Path, report: Report) -> Iterator[str]:
    for number, line in bounded_lines(path):
        if line is None:
            raise QwattError(
                f"the line is longer than {MAX_DOCUMENT_BYTES >> 20} MiB",
                where=f"{path}:{number}",
                mend="check the quotes and the line ends",
            )
        text, encoding = decode(line)
        if encoding != "utf-8":
            report.encodings[encoding] += 1
        yield text + "\n"


def _read_tsv(path: Path, name: str, report: Report) -> Iterator[Row]:
    return _read_csv(path, name, report, delimiter="\t")


def _read_parquet(path: Path, name: str, _: Report) -> Iterator[Row]:
    return read_parquet(path, name)


_READERS: dict[str, Callable[[Path, str, Report], Iterator[Row]]] = {
    ".txt": _read_txt,
    ".jsonl": _read_jsonl,
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".parquet": _read_parquet,
}


def _reader(path: Path) -> Callable[[Path, str, Report], Iterator[Row]] | None:
    suffixes = path.suffixes
    suffix = suffixes[-2] if path.suffix == ".gz" and len(suffixes) > 1 else path.suffix
    return _READERS.get(suffix.lower())
