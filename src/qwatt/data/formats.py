"""From a path to rows: which reader takes which file, and folders and archives of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from qwatt.core.errors import QwattError
from qwatt.data.columnar import read_arrow, read_parquet
from qwatt.data.delimited import read_delimited
from qwatt.data.folder import files_of, one_part
from qwatt.data.jsonl import read_jsonl
from qwatt.data.log_lines import LOG, read_log
from qwatt.data.names import shown
from qwatt.data.reading import Row
from qwatt.data.report import ReadReport
from qwatt.data.saved_dataset import is_saved_dataset, read_saved_dataset
from qwatt.data.streams import Source, is_folder, open_binary, zip_members
from qwatt.data.text import MAX_DOCUMENT_BYTES, decode, looks_binary, wide_encoding

Reader = Callable[[Source, ReadReport], Iterator[Row]]


def open_rows(path: Path, report: ReadReport) -> Iterator[Row]:
    """Yield the rows of a file, folder or .zip archive, in a fixed order.

    Raises:
        QwattError: the path does not exist, is no regular file, its type is unknown, or the file is broken.
    """
    if is_folder(path):
        if is_saved_dataset(path):
            yield from read_saved_dataset(path, "", report)
            return
        files = files_of(path, report)
        if not any(_known(file) for file in files):
            raise _nothing_known("the folder has no file of a known type", path)
        for odd in (file for file in files if not _known(file)):
            report.skip(f"unknown file type {_type(odd)}", odd.name)
        yield from _all(one_part([file for file in files if _known(file)], path, report), report)
    elif path.suffix.lower() == ".zip":
        members = zip_members(path, shown(path.name))
        if not any(_reader(member) for member in members):
            raise _nothing_known("the archive has no file of a known type", path)
        yield from _all(members, report)
    elif (reader := _reader(source := Source(path, shown(path.name)))) is not None:
        yield from reader(source, report)
    elif source.suffixes[0] == LOG:
        yield from read_log(source, report)
    else:
        raise _nothing_known(f"unknown file type {_type(source)}", path, LOG)


def _all(files: list[Source], report: ReadReport) -> Iterator[Row]:
    for source in files:
        if source.member is None and source.path.is_dir():
            yield from read_saved_dataset(source.path, f"{source.name}/", report)
        elif source.member is None and source.suffixes == (".zip", ""):
            yield from _all(zip_members(source.path, source.name), report)
        elif (reader := _reader(source)) is not None:
            yield from reader(source, report)
        else:
            report.skip(f"unknown file type {_type(source)}", source.name)


def _type(source: Source) -> str:
    return repr(shown("".join(source.suffixes), 40)) if any(source.suffixes) else "'without a suffix'"


def _read_txt(source: Source, report: ReadReport) -> Iterator[Row]:
    with open_binary(source) as stream:
        data = stream.read(MAX_DOCUMENT_BYTES + 1)
    wide = wide_encoding(data)
    if len(data) > MAX_DOCUMENT_BYTES:
        report.skip(f"longer than {MAX_DOCUMENT_BYTES >> 20} MiB", source.name)
    elif wide is None and looks_binary(data):
        report.skip("binary, not text", source.name)
    else:
        text, encoding = (data.decode(wide, "replace"), wide) if wide else decode(data)
        if encoding != "utf-8":
            report.encodings[encoding] += 1
        yield source.name, {"id": source.name, "text": text}


_READERS: dict[str, Reader] = {
    ".txt": _read_txt,
    ".jsonl": read_jsonl,
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".parquet": read_parquet,
    ".arrow": read_arrow,
    ".feather": read_arrow,
}
_NEED_A_FILE = (".parquet", ".arrow", ".feather")
"""Read at random places, and so neither through a compression nor out of an archive."""


def _reader(source: Source) -> Reader | None:
    form, compression = source.suffixes
    if form in _NEED_A_FILE and (compression or source.member is not None):
        return None
    return _READERS.get(form)


def _known(source: Source) -> bool:
    return _reader(source) is not None or source.path.is_dir() or source.suffixes[0] == ".zip"


def _nothing_known(what: str, path: Path, *more: str) -> QwattError:
    known = f"known types: {', '.join((*_READERS, *more))}, also as .gz, .bz2, .xz, .zst or in a .zip"
    return QwattError(what, where=shown(str(path)), mend=known)
