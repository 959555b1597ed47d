"""How far one long loop is, and how long it still takes: a bar on a terminal, elsewhere a line every 30 s."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from qwatt.cli.output import say
from qwatt.cli.time_left import HEARTBEAT_S, Clock, Left

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


class LoopProgress:
    """Shows on stderr what is told; a context manager for `qwatt.core.progress.listening`.

    Args:
        out: where to print; stderr if not given.
        clock: the time.
    """

    def __init__(self, out: Console | None = None, clock: Clock = time.monotonic) -> None:
        self._out = out
        self._bars = _bars(out) if out is not None or sys.stderr.isatty() else None
        self._clock = clock
        self._told_s = clock()
        self._loop: tuple[int, str] | None = None
        if self._bars is not None:
            self._bar = self._bars.add_task("starting", total=None)

    def __enter__(self) -> LoopProgress:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, done: int, total: int, unit: str) -> None:
        """Take what is told."""
        now = self._clock()
        if self._loop != (total, unit):
            self._loop, self._first, self._begun_s = (total, unit), done, now
        words = f"{done:,} of {total:,} {unit}" if total else f"{done:,} {unit}"
        if total and done > self._first:
            words += f", {Left((now - self._begun_s) / (done - self._first) * (total - done), sure=True)}"
        if self._bars is not None:
            self._bars.update(self._bar, description=words, completed=done, total=total or None)
        elif now - self._told_s >= HEARTBEAT_S:
            self._told_s = now
            if self._out is None:
                say(words, to_stderr=True)
            else:
                self._out.print(words, soft_wrap=True)


def _bars(out: Console | None) -> Progress | None:
    """Return a bar, or None where no terminal shows it."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from qwatt.report.console import PlainConsole

    console = out or PlainConsole(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True) if console.is_terminal else None
