"""What a rung of the ladder is: a cumulative counter that is read at a window's two ends."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from qwatt.core.quantity import Quantity
from qwatt.energy.meter.processes import Snapshot


@dataclass(frozen=True, slots=True)
class Rung:
    """What one rung of the ladder can do on this machine.

    Args:
        name: "nvml", "rapl", "cpu_time" or "ram".
        readable: whether a meter here reads it.
        detail: what it reads.
        why_not: why it cannot be read; None when it can.
        mend: what would make it readable, or make its figure better; None when nothing would.
    """

    name: str
    readable: bool
    detail: str = ""
    why_not: str | None = None
    mend: str | None = None


class Reader(ABC):
    """A cumulative counter: windows take differences, so nested ones add up to no more than their parent.

    The meter calls `read` under its lock, once at each begin and end of a window.
    """

    name: ClassVar[str]
    is_sensor: ClassVar[bool] = False
    """Whether it reads a chip's own sensor, whose boundary is `device`."""
    charged_by_use: ClassVar[bool] = False
    """Whether `charged` and `doubt` depend on what the processes do at the window's end."""
    max_gap_s: float = math.inf
    """Longest time between two readings; a shorter one than a window needs a background thread."""

    @abstractmethod
    def read(self, now: Snapshot) -> tuple[float, ...]:
        """Return the counters, each of which never falls."""

    @abstractmethod
    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        """Return the energy in joules between two readings."""

    def charged(self, pids: tuple[int, ...], since_s: float) -> bool:
        """Whether a window's energy includes this reading: a GPU that the tree leaves idle is not charged.

        Args:
            pids: processes of the tree at the window's begin and end.
            since_s: the window's begin by the monotonic clock.
        """
        return True

    def watch(self, pids: tuple[int, ...]) -> None:
        """Look between two marks whether the tree uses what is read; the meter's beat calls it."""
        return

    def doubt(self) -> str | None:
        """Why nobody can tell whether children that came or went used what is read; or None."""
        return None


@dataclass(frozen=True)
class Found:
    """A rung's state with the reader that reads it, if any."""

    rung: Rung
    reader: Reader | None = None
