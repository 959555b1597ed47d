"""The edge of the terminal: whatever is written there is scrubbed of secrets, and shown, never obeyed."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from qwatt.core.printable import printable
from qwatt.core.secrets import scrubbed


class Scrubbing:
    """A text stream that blanks secrets in what is written through it; all else is the stream's own."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write the text without secrets; return the length that was given."""
        self._stream.write(scrubbed(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write every line."""
        for line in lines:
            self.write(line)


class Edge(Scrubbing):
    """Also escapes what would act on the terminal, but for the carriage returns of libraries' own bars.

    `PlainConsole`, which escapes before it styles, writes past this by `rich_proxied_file`.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self.rich_proxied_file = Scrubbing(stream)

    def write(self, text: str) -> int:
        """Write the text without secrets and escaped."""
        super().write("\r".join(map(printable, text.split("\r"))))
        return len(text)


def _open_what_is_closed() -> None:
    """Let streams that the caller closed lead nowhere: else the next file that is opened would be written."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
            os.set_inheritable(number, True)  # as streams are
        if number and getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))


@contextmanager
def edge() -> Iterator[None]:
    """Put the edge before both streams; an exception that nobody expects is told there, without secrets."""
    _open_what_is_closed()
    before = sys.stdout, sys.stderr
    for stream in before:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no µ shows a question mark
    sys.stdout, sys.stderr = Edge(sys.stdout), Edge(sys.stderr)
    sys.excepthook = _tell_unexpected
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stdout, sys.stderr = before


def _tell_unexpected(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    text = "".join(traceback.format_exception(kind, error, where))
    sys.stderr.write(scrubbed(printable(text)))
