"""The background thread of the readers that must be read in between; CPU time and memory need none."""

from __future__ import annotations

import threading
import time
import weakref
from typing import Protocol


class Beating(Protocol):
    """What a heartbeat keeps reading."""

    def beat(self) -> None:
        """Read once."""
        ...


_SHORTEST_S = 0.02
"""A reader that asks for more than 50 beats a second gets these, so that metering stays a small load."""


def start_heartbeat(meter: Beating, period_s: float) -> threading.Thread:
    """Call `meter.beat()` every `period_s` seconds until the meter is gone."""
    period_s = max(period_s, _SHORTEST_S)
    thread = threading.Thread(
        target=_beat, args=(weakref.ref(meter), period_s), name="qwatt-meter", daemon=True
    )
    thread.start()
    return thread


def _beat(reference: weakref.ref[Beating], period_s: float) -> None:
    while True:
        time.sleep(period_s)
        meter = reference()
        if meter is None:
            return
        meter.beat()
        del meter
