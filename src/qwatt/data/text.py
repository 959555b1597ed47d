"""Bytes to text: encodings, binary junk, and lines that are bounded in memory."""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from qwatt.core.errors import QwattError

MAX_DOCUMENT_BYTES = 64 << 20
"""A longer line or text file is no document; it is skipped and counted."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FALLBACKS = ("cp1252", "latin-1")
_CONTROL_SHARE = 0.02


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and its encoding: UTF-8, UTF-16 with a mark, else cp1252 or latin-1."""
    if data.startswith(_UTF16):
        return data.decode("utf-16", errors="replace"), "utf-16"
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    for encoding in _FALLBACKS[:-1]:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode(_FALLBACKS[-1]), _FALLBACKS[-1]


def looks_binary(data: bytes) -> bool:
    """Whether bytes are no text: they hold NULs or many control characters."""
    sample = data[: 1 << 16]
    if sample.startswith(_UTF16):
        return False
    if b"\0" in sample:
        return True
    text = sample.decode("utf-8", errors="ignore") if _is_utf8(sample) else sample.decode("latin-1")
    control = sum(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f\v\x1b\x85" for c in text)
    return control > _CONTROL_SHARE * max(len(text), 1)


def _is_utf8(sample: bytes) -> bool:
    try:
        sample[:-3].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(sample) - 8  # a character cut at the end of the sample
    return True


def open_binary(path: Path) -> IO[bytes]:
    """Open a file, through gzip when its name ends in .gz.

    Raises:
        QwattError: it cannot be opened.
    """
    try:
        return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")
    except OSError as error:
        raise QwattError(f"cannot be opened: {error.strerror}", where=str(path)) from error


def bounded_lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Yield (line number, line without its end); None stands for a line that is too long to be kept.

    Raises:
        QwattError: the file is binary, UTF-16, or a damaged .gz.
    """
    with open_binary(path) as stream:
        try:
            yield from _lines(stream, path)
        except (gzip.BadGzipFile, EOFError) as error:
            raise QwattError(f"the .gz file is damaged: {error}", where=str(path)) from error


def _lines(stream: IO[bytes], path: Path) -> Iterator[tuple[int, bytes | None]]:
    number = 0
    while line := stream.readline(MAX_DOCUMENT_BYTES):
        number += 1
        if number == 1:
            _refuse_binary(line, path)
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.endswith(b"\n") or len(line) < MAX_DOCUMENT_BYTES:
            yield number, line.rstrip(b"\r\n")
            continue
        while (rest := stream.readline(MAX_DOCUMENT_BYTES)) and not rest.endswith(b"\n"):
            pass
        yield number, None


def _refuse_binary(start: bytes, path: Path) -> None:
    if start.startswith(_UTF16):
        raise QwattError(
            "the file is UTF-16", where=str(path), mend="convert it: iconv -f UTF-16 -t UTF-8 IN > OUT"
        )
    if looks_binary(start):
        raise QwattError(
            "the file is binary, not text",
            where=str(path),
            mend="give .txt, .jsonl, .csv, .tsv or .parquet, or a Hugging Face datasets folder",
        )
