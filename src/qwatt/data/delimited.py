"""Rows out of delimited text: finds delimiter, encoding and line ends, and refuses broken rows by number.

Python's own `csv` in strict mode does the parsing. On small broken files (a quote that is never closed, CR as
line end, ragged rows, UTF-16, a repeated name) it alone either reads the rows or says where it gives up:
pyarrow 26 takes the rest of the file into the open quote without a word and keeps the last of two columns,
polars 2.1 names a byte offset and reads CR as no line's end, DuckDB 2.0 takes open quotes as letters and
ragged rows as one column. Ours are the guess of the delimiter and the counting.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.data.names import listed, repeated, told_apart
from qwatt.data.reading import MOST_COLUMNS, Row
from qwatt.data.report import ReadReport
from qwatt.data.streams import Source
from qwatt.data.text import MAX_DOCUMENT_BYTES, bounded_lines

_DELIMITERS = (",", ";", "\t", "|", "^", "~", "\x01", "\x1f", "\xa6")
_NAMES = {"\t": "a tab", "\x01": "\\x01", "\x1f": "\\x1f"}
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_SAMPLE_LINES = 100
_MOST_LINES = 1_000_000
"""A row of more lines is taken for a quote that is never closed."""
_SAMPLE_CHARACTERS = 1 << 18
_LONGEST_NAME = 1000


def read_delimited(source: Source, report: ReadReport) -> Iterator[Row]:
    """Yield the rows of a .csv or .tsv file; rows with another number of cells are counted.

    Raises:
        QwattError: a quote is not closed or not doubled (with the row where the quote opened), the first row
            does not hold names, there are too many columns, or the file is binary or damaged.
    """
    csv.field_size_limit(MAX_DOCUMENT_BYTES)
    lines = _Lines(source, report)
    head = list(lines.sample())
    own = _own_delimiter(source)
    delimiter, skipped = _separated(head, own)
    if delimiter != own:
        report.note(f"{source.name}: {_NAMES.get(delimiter, repr(delimiter))} stands between the fields")
    first = next(iter(_parsed(head[skipped:], delimiter)), [])
    spaced = len(first) > 1 and all(name.startswith(" ") for name in first[1:])  # "text, label"
    reader = csv.reader(
        chain(head[skipped:], lines), delimiter=delimiter, strict=True, skipinitialspace=spaced
    )
    rows = _numbered(reader, skipped, lines)
    _, header = next(rows, (0, None))
    if header is None:
        return
    names = _names(first if spaced else header, source, report)
    for number, cells in rows:
        place = f"{source.name}:{number}"
        if len(cells) < len(names) or any(cells[len(names) :]):  # empty cells beyond the header's do no harm
            report.skip(f"has another number of cells than the header's {len(names)}", place)
        else:
            yield place, dict(zip(names, cells, strict=False))


def delimiter_of(source: Source) -> str:
    """Return what stands between the fields of a .csv or .tsv file.

    Raises:
        QwattError: the file is binary or damaged.
    """
    return _separated(list(_Lines(source, ReadReport(source.name)).sample()), _own_delimiter(source))[0]


def _own_delimiter(source: Source) -> str:
    return "\t" if source.suffixes[0] == ".tsv" else ","


def _separated(head: list[str], own: str) -> tuple[str, int]:
    """Return the delimiter, and the lines before the header: one where a line says what the delimiter is."""
    if head and (found := _SEPARATOR_LINE.fullmatch(head[0])):
        return found[1], 1
    return _delimiter(head, own), 0


class _Lines:
    """The lines of a file as `csv` wants them, other encodings counted."""

    def __init__(self, source: Source, report: ReadReport) -> None:
        self._lines = bounded_lines(source)
        self._report = report
        self.where = source.where
        self.row = 1
        """The line on which the row that is being read begins."""

    def __iter__(self) -> Iterator[str]:
        for number, line, encoding in self._lines:
            if number > self.row + _MOST_LINES:
                raise QwattError(
                    f"a quote opens in this row and is not closed within {_MOST_LINES:,} lines",
                    where=f"{self.where}:{self.row}",
                    mend="write quotes within quotes twice, and close every quote",
                )
            if line is None:
                raise QwattError(
                    f"the line is longer than {MAX_DOCUMENT_BYTES >> 20} MiB",
                    where=f"{self.where}:{number}",
                    mend="check the quotes and the line ends",
                )
            if encoding != "utf-8":
                self._report.encodings[encoding] += 1
            yield line

    def sample(self) -> Iterator[str]:
        """Yield the first lines, to look at before reading."""
        size = 0
        for line in islice(self, _SAMPLE_LINES):
            size += len(line)
            yield line
            if size > _SAMPLE_CHARACTERS:
                break


def _delimiter(lines: list[str], own: str) -> str:
    """Return the delimiter under which the first row has several cells and most other rows have as many."""
    scores = {}
    for delimiter in dict.fromkeys((own, *_DELIMITERS)):
        counts = [len(cells) for cells in _parsed(lines, delimiter)]
        if counts and counts[0] > 1:
            scores[delimiter] = sum(n == counts[0] for n in counts) / len(counts)
    return max(scores, key=lambda d: scores[d]) if scores else own


def _parsed(lines: list[str], delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    with suppress(csv.Error):  # the sample may end within quotes; what is broken is told when it is read
        rows.extend(cells for cells in csv.reader(lines, delimiter=delimiter, strict=True) if cells)
    return rows


def _numbered(reader: Any, skipped: int, lines: _Lines) -> Iterator[tuple[int, list[str]]]:
    """Yield (number of the line it begins on, cells) for all rows that are not blank."""
    while True:
        first = lines.row = skipped + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _broken(error, f"{lines.where}:{first}") from error
        if cells is None:
            return
        if cells:
            yield first, cells


def _broken(error: csv.Error, where: str) -> QwattError:
    what, mend = f"broken row: {error}", "write quotes within quotes twice, and close every quote"
    if "end of data" in str(error):
        what = "a quote opens in this row and is never closed"
    elif "field limit" in str(error):
        what = f"a field that begins in this row is longer than {MAX_DOCUMENT_BYTES >> 20} MiB"
        mend = "close the quote that opens in it, or take the row out"
    elif "expected after" in str(error):
        what = "a quote closes within a field of this row, or an earlier one is not closed"
    return QwattError(what, where=where, mend=mend)


def _names(header: list[str], source: Source, report: ReadReport) -> list[str]:
    """Return the names of the columns, without blanks around them, repeats told apart."""
    if len(header) > MOST_COLUMNS:
        raise QwattError(
            f"{len(header):,} columns; at most {MOST_COLUMNS:,} can be read",
            where=source.where,
            mend="keep the columns with text, label and id",
        )
    names = [name.strip().strip("\ufeff") for name in header]
    if longest := next((n for n in names if len(n) > _LONGEST_NAME), None):
        raise QwattError(
            f"the first row does not hold names of columns: one has {len(longest):,} characters",
            where=f"{source.where}:1",
            mend="begin the file with a row of names, such as text,label",
        )
    if blank := [name for name in header if name != name.strip()]:
        report.note(f"{source.name}: blanks around the names of columns left out: {listed(blank)}")
    if twice := repeated(names):
        report.note(f"{source.name}: several columns are called {listed(twice)}; the first is used")
    return told_apart(names)
