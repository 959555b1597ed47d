"""A clean end at a signal: a flag, and a descriptor that wakes whoever waits."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Stop:
    """Whether to stop.

    Args:
        wake: file descriptor that is readable once a signal came.
        signal: the number of the signal, 0 before.
    """

    wake: int
    signal: int = 0


@contextmanager
def stopping() -> Iterator[Stop]:
    """Turn SIGINT and SIGTERM into a flag, so that no commit is broken off; a second one acts as ever."""
    wake, poke = os.pipe()
    os.set_blocking(poke, False)
    stop = Stop(wake)

    def note(number: int, _: FrameType | None) -> None:
        stop.signal = number
        signal.signal(number, before[signal.Signals(number)])
        os.write(poke, b"!")

    mine = threading.current_thread() is threading.main_thread()  # no other may handle signals
    before = {number: signal.signal(number, note) for number in _SIGNALS if mine}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(wake)
        os.close(poke)
