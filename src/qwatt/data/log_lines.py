"""Documents out of the lines of a log: each line is one."""

from __future__ import annotations

from collections.abc import Iterator

from qwatt.data.reading import Row
from qwatt.data.report import ReadReport
from qwatt.data.streams import Source
from qwatt.data.text import MAX_DOCUMENT_BYTES, bounded_lines

LOG = ".log"


def read_log(source: Source, report: ReadReport) -> Iterator[Row]:
    """Yield the lines of a .log file that are not blank; only of one that is named itself.

    In a folder a log is more likely about the documents than one of them.

    Raises:
        QwattError: the file is binary or damaged.
    """
    for number, line, encoding in bounded_lines(source):
        place = f"{source.name}:{number}"
        if line is None:
            report.skip(f"longer than {MAX_DOCUMENT_BYTES >> 20} MiB", place)
        elif not line.isspace():
            if encoding != "utf-8":
                report.encodings[encoding] += 1
            yield place, {"text": line.rstrip("\r\n")}
