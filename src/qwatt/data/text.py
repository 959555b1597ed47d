"""Bytes to text: encodings, binary junk, and lines that are bounded in memory."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from qwatt.core.errors import QwattError
from qwatt.data.streams import Source, open_binary

MAX_DOCUMENT_BYTES = 64 << 20
"""A longer line or text file is no document; it is skipped and counted."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_BAD_BYTE = re.compile("[\udc80-\udcff]")
"""A byte that is no UTF-8, as surrogateescape keeps it."""
_ODD_CONTROL = re.compile("[\0\x02-\x08\x0e-\x1a\x1c-\x1e\x7f-\x84\x86-\x9f]")
"""A control but for blanks, the escape of terminals, and the two that stand between fields."""
_CONTROL_SHARE = 0.02
_SAMPLE_BYTES = 1 << 16
_NUL_SHARE = 0.8
_MOST_BLANK_LINES = 1_000_000
_LONGEST_LINE = 512 << 20
"""A longer one is not read to its end, which an archive of a few megabytes may not have for hours."""
_MAGIC = {
    b"\x1f\x8b": "gzip; let its name end in .gz",
    b"BZh": "bzip2; let its name end in .bz2",
    b"\xfd7zXZ\0": "xz; let its name end in .xz",
    b"\x28\xb5\x2f\xfd": "zstd; let its name end in .zst",
    b"PK\x03\x04": "a zip archive; let its name end in .zip, or save a table in it as .csv",
    b"PAR1": "Parquet; let its name end in .parquet",
}


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and its encoding: UTF-8, UTF-16 with a mark, else cp1252 or latin-1.

    UTF-8 that holds half a pair (a lone surrogate) is UTF-8 all the same; who uses the text decides about it.
    In UTF-8 with a few bytes that are none, these bytes alone are read as cp1252, and it is called so.
    """
    if data.startswith(_UTF16):
        return data.decode("utf-16", errors="replace"), "utf-16"
    for errors in ("strict", "surrogatepass"):
        try:
            return data.decode("utf-8-sig", errors), "utf-8"
        except UnicodeDecodeError:
            continue
    mixed = data.decode("utf-8-sig", "surrogateescape")
    beyond_ascii = len(mixed) - len(mixed.encode("ascii", "ignore"))
    bad = len(mixed) - len(mixed.encode("utf-8", "ignore").decode("utf-8"))
    if 2 * bad <= beyond_ascii:
        return _BAD_BYTE.sub(
            lambda bad: _one_byte(bad[0].encode("utf-8", "surrogateescape"))[0], mixed
        ), "cp1252"
    return _one_byte(data)


def _one_byte(data: bytes) -> tuple[str, str]:
    """Return text in which every byte is a character, and its encoding."""
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def wide_encoding(sample: bytes) -> str | None:
    """Return "utf-16", "utf-16-le", "utf-16-be" or "utf-32" by a file's mark or NULs; None for the others."""
    if sample.startswith(_UTF32):
        return "utf-32"
    if sample.startswith(_UTF16):
        return "utf-16"
    for encoding, low, high in (
        ("utf-16-le", sample[::2], sample[1::2]),
        ("utf-16-be", sample[1::2], sample[::2]),
    ):
        if len(sample) > 7 and b"\0" not in low and high.count(0) > _NUL_SHARE * len(high):
            return encoding
    return None


def looks_binary(data: bytes) -> bool:
    """Whether bytes are no text: they hold NULs or many control characters."""
    sample = data[:_SAMPLE_BYTES]
    if sample.startswith(_UTF16):
        return False
    if b"\0" in sample:
        return True
    text = sample.decode("utf-8", errors="ignore") if _is_utf8(sample) else sample.decode("latin-1")
    return len(_ODD_CONTROL.findall(text)) > _CONTROL_SHARE * max(len(text), 1)


def _is_utf8(sample: bytes) -> bool:
    try:
        sample[:-3].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(sample) - 8  # a character cut at the end of the sample
    return True


def bounded_lines(source: Source) -> Iterator[tuple[int, str | None, str]]:
    """Yield (number, line with its end, its encoding); None stands for a line that is too long to be kept.

    A line ends in LF, CR LF or CR. Every line that is not UTF-8 is read as cp1252 or latin-1 on its own.

    Raises:
        QwattError: the file is binary, damaged, not in the encoding that it begins with, or a million blank
            lines stand one after the other.
    """
    with open_binary(source) as binary:
        start = binary.peek(_SAMPLE_BYTES)[:_SAMPLE_BYTES]
        wide = wide_encoding(start)
        if wide is None:
            refuse_binary(start, source)
        errors = "surrogatepass" if wide else "surrogateescape"
        with io.TextIOWrapper(binary, wide or "utf-8", errors, newline="") as text:
            yield from _lines(text, wide, source)


def _lines(
    stream: io.TextIOWrapper, wide: str | None, source: Source
) -> Iterator[tuple[int, str | None, str]]:
    number = blank = 0
    while line := _readline(stream, number, wide, source):
        number += 1
        if number == 1:
            line = line.removeprefix("\ufeff")
        blank = blank + 1 if line.isspace() else 0
        refuse_blank(blank, f"{source.where}:{number}")
        if line.endswith(("\n", "\r")) or len(line) < MAX_DOCUMENT_BYTES:
            yield number, *((line, wide) if wide else _mended(line))
            continue
        length = len(line)
        while (rest := _readline(stream, number, wide, source)) and not rest.endswith(("\n", "\r")):
            length += len(rest)
            refuse_endless(length, f"{source.where}:{number}")
        yield number, None, wide or "utf-8"


def refuse_blank(lines: int, where: str) -> None:
    """Refuse so many blank lines that a file may have no end.

    Raises:
        QwattError: there are more than a million, one after the other.
    """
    if lines > _MOST_BLANK_LINES:
        what = f"more than {_MOST_BLANK_LINES:,} blank lines, one after the other"
        raise QwattError(what, where=where, mend="take them out")


def refuse_endless(length: int, where: str) -> None:
    """Refuse a line of so many characters that it may have no end.

    Raises:
        QwattError: it has more than half a billion.
    """
    if length > _LONGEST_LINE:
        what = f"a line of more than {_LONGEST_LINE >> 20} million characters"
        raise QwattError(what, where=where, mend="check the line ends, or take it out")


def _readline(stream: io.TextIOWrapper, number: int, wide: str | None, source: Source) -> str:
    try:
        return stream.readline(MAX_DOCUMENT_BYTES)
    except UnicodeDecodeError as error:
        raise QwattError(
            f"the file begins as {wide}, and later is not: {error.reason}",
            where=f"{source.where}:{number + 1}",
            mend="copy it again, or save it as UTF-8",
        ) from error


def _mended(line: str) -> tuple[str, str]:
    """Return a line that was read as UTF-8, in its own encoding if it was another."""
    if line.isascii():
        return line, "utf-8"
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return decode(line.encode("utf-8", "surrogateescape"))
    return line, "utf-8"


def refuse_binary(start: bytes, source: Source) -> None:
    """Refuse a file of lines by its beginning.

    Raises:
        QwattError: its first line is binary; says what it may be.
    """
    start = start.split(b"\n", 1)[0]
    for magic, what in _MAGIC.items():
        if start.startswith(magic):
            kind, mend = what.split("; ")
            raise QwattError(f"the file is binary, not text: {kind}", where=source.where, mend=mend)
    if looks_binary(start):
        raise QwattError(
            "the file is binary, not text",
            where=source.where,
            mend="give .txt, .jsonl, .csv, .tsv or .parquet, or a Hugging Face datasets folder",
        )
