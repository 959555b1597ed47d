"""A window: what one stretch of work cost, between two marks of every reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Boundary, Quantity, total
from qwatt.energy.meter.processes import Snapshot
from qwatt.energy.meter.reader import Reader

SHORT_WINDOW_S = 1.0
"""Shorter windows of a GPU counter are flagged: it is refreshed only every 10 to 100 ms."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The process tree and every reader's counters at one moment."""

    tree: Snapshot
    counters: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Measurement:
    """What a closed window cost.

    Args:
        path: the window's name after those around it, such as "trial/circuits".
        seconds: wall time.
        cpu_seconds: CPU time of the process tree, all threads and children.
        peak_rss_bytes: highest resident memory seen; exact when this process set a new record of its
            own, else the highest at the marks within the window.
        energy: sum of the charged readings, with basis and boundary; unknown if a charged one is.
        readings: energy by rung, also those that were not charged.
        flags: remarks on how far to trust it, such as "short_window".
    """

    path: str
    seconds: float
    cpu_seconds: float
    peak_rss_bytes: int
    energy: Quantity
    readings: Mapping[str, Quantity]
    flags: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "path": self.path,
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            "peak_rss_bytes": self.peak_rss_bytes,
            "energy": self.energy.to_record(),
            "readings": {name: reading.to_record() for name, reading in self.readings.items()},
            "flags": list(self.flags),
        }


@dataclass(eq=False)
class Window:
    """An open or closed window; its figures exist once it is closed.

    Args:
        path: name after those of the windows around it.
        readers: the readers of its meter.
        boundary: what its energy includes.
        begin: mark of its begin.
    """

    path: str
    readers: tuple[Reader, ...]
    boundary: Boundary
    begin: Mark
    _highest_rss_bytes: int = 0
    _measured: Measurement | None = None
    _end: Mark | None = None
    _seen: Mark | None = None
    _broken: bool = False

    @property
    def name(self) -> str:
        """The window's own name."""
        return self.path.rpartition("/")[2]

    def see(self, mark: Mark) -> None:
        """Note the memory at any mark within the window; the meter calls it."""
        self._seen = mark
        self._highest_rss_bytes = max(self._highest_rss_bytes, mark.tree.rss_bytes)

    def close(self, end: Mark) -> None:
        """Set the end mark; the meter calls it."""
        self._end, self._broken = end, False

    def break_off(self) -> None:
        """End it at the last mark seen, its energy unknown; the meter calls it where no end can be read."""
        self._end, self._broken = self._seen, True

    @property
    def measurement(self) -> Measurement:
        """The window's figures.

        Raises:
            QwattError: the window is still open.
        """
        if self._measured is None:
            self._measured = self._measure()
        return self._measured

    @property
    def energy(self) -> Quantity:
        """Joules of the charged readings together."""
        return self.measurement.energy

    @property
    def seconds(self) -> float:
        """Wall seconds."""
        return self.measurement.seconds

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of the process tree."""
        return self.measurement.cpu_seconds

    @property
    def peak_rss_bytes(self) -> int:
        """Highest resident memory seen, bytes."""
        return self.measurement.peak_rss_bytes

    @property
    def readings(self) -> Mapping[str, Quantity]:
        """Joules by rung."""
        return self.measurement.readings

    @property
    def flags(self) -> tuple[str, ...]:
        """Remarks on how far to trust the figures."""
        return self.measurement.flags

    def _measure(self) -> Measurement:
        if self._end is None:
            raise QwattError(f"the window {self.path!r} is still open", mend="read it after its `with` block")
        begin, end = self.begin, self._end
        pids = begin.tree.pids + end.tree.pids
        children_left = begin.tree.reaped_s < end.tree.reaped_s or begin.tree.pids != end.tree.pids
        readings: dict[str, Quantity] = {}
        charged: dict[str, Quantity] = {}
        for reader, first, last in zip(self.readers, begin.counters, end.counters, strict=True):
            readings[reader.name] = reader.between(first, last)
            if reader.charged(pids, begin.tree.seconds):
                charged[reader.name] = readings[reader.name]
            elif children_left and (doubt := reader.doubt()):
                unknown = Quantity.unknown(doubt, boundary=self.boundary, basis=readings[reader.name].basis)
                readings[reader.name] = charged[reader.name] = unknown
        seconds = end.tree.seconds - begin.tree.seconds
        short = "nvml" in charged and seconds < SHORT_WINDOW_S
        return Measurement(
            self.path,
            seconds,
            end.tree.cpu_s - begin.tree.cpu_s,
            self._peak(end),
            self._sum(list(charged.values())),
            MappingProxyType(readings),
            tuple(flag for flag, on in (("short_window", short), ("broken_off", self._broken)) if on),
        )

    def _sum(self, charged: list[Quantity]) -> Quantity:
        if self._broken:
            return Quantity.unknown("the window was broken off", boundary=self.boundary)
        if not charged:
            return Quantity.unknown("no energy reader on this machine", boundary=self.boundary)
        return total(q if q.known else replace(q, boundary=self.boundary) for q in charged)

    def _peak(self, end: Mark) -> int:
        record = end.tree.max_rss_bytes
        grew = record > self.begin.tree.max_rss_bytes
        return max(self._highest_rss_bytes, record if grew else 0)
