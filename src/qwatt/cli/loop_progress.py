"""How far one long loop is: a bar on a terminal, elsewhere one line every 30 s."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

from qwatt.cli.progress import HEARTBEAT_S

if TYPE_CHECKING:
    from rich.console import Console


class LoopProgress:
    """Shows on stderr what is told; a context manager for `qwatt.core.progress.listening`.

    Args:
        out: where to print.
    """

    def __init__(self, out: Console | None = None) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        from qwatt.report.console import PlainConsole

        self._out = out or PlainConsole(stderr=True)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
        self._bars = Progress(*columns, console=self._out, transient=True) if self._out.is_terminal else None
        self._told_s = time.monotonic()
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
        words = f"{done:,} of {total:,} {unit}" if total else f"{done:,} {unit}"
        if self._bars is not None:
            self._bars.update(self._bar, description=words, completed=done, total=total or None)
        elif time.monotonic() - self._told_s >= HEARTBEAT_S:
            self._told_s = time.monotonic()
            self._out.print(words, soft_wrap=True)
