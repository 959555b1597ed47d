"""One worker process that does one item at a time, and whose death costs no more than that item."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from qwatt.core.errors import QwattError

_LOOK_S = 1.0
_GRACE_S = 2.0


class WorkerDied(Exception):
    """The worker ended before it had answered."""


class Lane:
    """A worker process of this machine; it is started anew after it died.

    Args:
        prepare: called once in every new process; can be pickled.
    """

    def __init__(self, prepare: Callable[[], None]) -> None:
        self._prepare = prepare
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, os.getpid(), self._prepare), name="qwatt worker", daemon=False
        )
        self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipe

    def give(self, function: Callable[[Any], Any], item: Any) -> None:
        """Begin an item."""
        try:
            self.connection.send((function, item))
        except (BrokenPipeError, ConnectionResetError):  # it died while it had nothing to do
            self._restart()
            self.connection.send((function, item))

    def take(self) -> Any:
        """Return the answer, which may take a while.

        Raises:
            WorkerDied: there will be none; a new worker waits for the next item.
            Exception: what the function raised.
        """
        try:
            fine, answer = self.connection.recv()
        except (EOFError, ConnectionResetError):
            raise WorkerDied(self._restart()) from None
        if fine:
            return answer
        raise answer

    def _restart(self) -> str:
        """Start another worker, and say how the last one ended."""
        self.connection.close()
        self._process.join()
        code = self._process.exitcode or 0
        self._start()
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def close(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        self._process.terminate()
        self._process.join(_GRACE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(connection: Connection, parent: int, prepare: Callable[[], None]) -> None:
    """Answer items until the pipe ends. An interrupt is the parent's to handle: it ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent(parent)
    prepare()
    while True:
        try:
            function, item = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[bool, Any] = (True, function(item))
        except Exception as error:
            answer = (False, error)
        try:
            connection.send(answer)
        except Exception as error:  # what cannot be pickled
            told = QwattError(f"a worker's answer cannot be sent: {type(error).__name__}: {error}")
            connection.send((False, told))


def _end_with_parent(parent: int) -> None:
    """End this process when its parent has ended, however that was."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_S)
        os._exit(1)

    threading.Thread(target=watch, name="watch the parent", daemon=True).start()
