"""Lines of standard input as they come: bounded in memory, waiting no longer than asked."""

from __future__ import annotations

import os
import select
from collections import deque

MOST_LINE_BYTES = 16 << 20
"""A longer line is no row; it is counted, and its bytes are dropped as they come."""
TOO_LONG = b"\xff\xfftoo long"
"""This very object stands for a line that was too long; its bytes are no UTF-8, and so never a row."""
_BLOCK_BYTES = 1 << 18
_MARK = b"\xef\xbb\xbf"


class Lines:
    """Lines of a file descriptor, without their ends (LF or CR LF).

    Args:
        source: file descriptor to read.
        wake: file descriptor that is readable when waiting is to end early.
        begun: the beginning of the first line, where it was read before.
    """

    def __init__(self, source: int, wake: int, begun: bytes = b"") -> None:
        self.ended = False
        self._source = source
        self._wake = wake
        self._lines: deque[bytes] = deque()
        self._rest = bytearray(begun)
        self._rest_bytes = len(begun)
        self._first = True

    @property
    def begun(self) -> bytes:
        """The beginning of a line whose end has not come."""
        return bytes(self._rest)

    def take(self, most: int) -> list[bytes]:
        """Return the next lines that are here already, at most so many."""
        return [self._lines.popleft() for _ in range(min(most, len(self._lines)))]

    def wait(self, seconds: float | None) -> bool:
        """Read what comes next; return whether there is any line to take.

        Args:
            seconds: how long at most; None until something comes, the input ends, or `wake` is readable.
        """
        while not self._lines and not self.ended:
            ready, _, _ = select.select([self._source, self._wake], [], [], seconds)
            if self._wake in ready or not ready:
                break
            self._read()
        return bool(self._lines)

    def _read(self) -> None:
        block = os.read(self._source, _BLOCK_BYTES)
        if not block:
            self.ended = True
            if self._rest_bytes:
                self._end_line()
            return
        first, *others = block.split(b"\n")
        self._grow(first)
        if others:
            self._end_line()
            self._lines.extend(line.removesuffix(b"\r") for line in others[:-1])
            self._grow(others[-1])

    def _grow(self, part: bytes) -> None:
        """Keep the beginning of a line whose end has not come; of one too long, its length alone."""
        self._rest_bytes += len(part)
        if self._rest_bytes <= MOST_LINE_BYTES:
            self._rest += part
        else:
            self._rest.clear()

    def _end_line(self) -> None:
        line = bytes(self._rest).removesuffix(b"\r")
        if self._first:
            line = line.removeprefix(_MARK)
            self._first = False
        self._lines.append(TOO_LONG if self._rest_bytes > MOST_LINE_BYTES else line)
        self._rest, self._rest_bytes = bytearray(), 0
