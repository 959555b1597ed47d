"""Joules of a repeated step, by qwatt's own meter; parts print as they go and keep what they have so far."""

from __future__ import annotations

import json
import time
from pathlib import Path

from qwatt.energy.meter import Meter

SETTLE_S = 0.6
"""Seconds that a step runs for before it is measured, so that clocks and power settle."""
QUEUE_S = 0.05
"""Seconds of work that are queued on the GPU before waiting for it."""
SHORTEST_S = 1.0
"""A window that is measured is at least so long."""


class Part:
    """What one part found, written after every finding, so that a part cut off keeps what it has.

    Args:
        file: the JSON file.
        seconds: from the start of the part, after which it begins nothing new.
    """

    def __init__(self, file: Path, seconds: float) -> None:
        self.file, self.end = file, time.monotonic() + seconds
        self.found: dict = {"rows": []}

    def left(self) -> float:
        """Seconds until the part has to end."""
        return self.end - time.monotonic()

    def add(self, **row) -> None:
        """Keep and print a row."""
        self.found["rows"].append(row)
        self.save()
        print("  " + "  ".join(f"{name}={_short(value)}" for name, value in row.items()), flush=True)

    def note(self, **facts) -> None:
        """Keep and print facts about the whole part."""
        self.found |= facts
        self.save()
        print("  " + "  ".join(f"{name}={_short(value)}" for name, value in facts.items()), flush=True)

    def save(self) -> None:
        """Write the file."""
        self.file.write_text(json.dumps(self.found, indent=1) + "\n")

    def attempt(self, work, *given, **labels):
        """Do one piece of work; keep the reason where it fails, and go on."""
        if self.left() <= 0:
            self.add(**labels, skipped="no time left for it")
            return None
        try:
            return work(*given)
        except Exception as error:
            self.add(**labels, failed=f"{type(error).__name__}: {error}"[:400])
            return None


def _short(value) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value) if not isinstance(value, list | dict) else json.dumps(value)[:160]


def joules(window) -> float | None:
    """Joules of the GPU's counter; on a machine without one (a trial run) of all that is charged."""
    reading = window.readings.get("nvml", window.energy)
    return reading.value


def measure(meter: Meter, step, seconds: float, wait) -> dict:
    """Repeat a step for so many seconds and return joules, seconds and watts of one call.

    Args:
        meter: qwatt's meter.
        step: queues the work.
        seconds: at least so long.
        wait: returns once the queued work is done.
    """
    step()
    wait()
    begun = time.perf_counter()
    step()
    wait()
    together = max(1, int(QUEUE_S / max(time.perf_counter() - begun, 1e-6)))
    _repeat(step, wait, min(SETTLE_S, seconds), together)
    with meter.window("steps") as window:
        calls = _repeat(step, wait, max(seconds, SHORTEST_S), together)
    energy = joules(window)
    return {
        "j": None if energy is None else energy / calls,
        "s": window.seconds / calls,
        "w": None if energy is None else energy / window.seconds,
        "calls": calls,
        "window_s": window.seconds,
        "flags": list(window.flags),
    }


def _repeat(step, wait, seconds: float, together: int) -> int:
    calls, end = 0, time.perf_counter() + seconds
    while calls == 0 or time.perf_counter() < end:
        for _ in range(together):
            step()
        wait()
        calls += together
    return calls
