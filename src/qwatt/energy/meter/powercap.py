"""The counters in /sys/class/powercap: which ones to add up, and what they added since the last reading."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

REFRESH_S = 0.01
"""A counter is refreshed every millisecond, and its reader may be put to sleep beside the clock's."""

_STILL_S = 5.0
"""A chip that runs the reader draws power: a counter that shows none for so long is stuck."""

_LOOKS = 10
_LOOK_S = 0.005
"""How often and how far apart a counter is looked at before it is believed."""


@dataclass(frozen=True)
class Zone:
    """One powercap counter: its file, its name ("package-0", "dram") and where it wraps, in microjoules.

    A range of 0 is unknown: a fall of the counter can then not be told from a new start.
    """

    path: Path
    name: str
    range_uj: int

    @property
    def is_package(self) -> bool:
        """Whether it counts a processor package, or a die of one."""
        return self.name.startswith("package")


class Fault(IntEnum):
    """What makes the energy since the last reading unknown."""

    FAILED = 0
    LATE = 1
    ANEW = 2
    ABOVE_LIMIT = 3
    STUCK = 4

    @property
    def reason(self) -> str:
        """In words."""
        return _REASONS[self]


_REASONS = {
    Fault.FAILED: "a counter could not be read",
    Fault.LATE: "the counters could not be read often enough, they may have wrapped twice",
    Fault.ANEW: "a counter started anew or wrapped at an unknown range",
    Fault.ABOVE_LIMIT: "a counter rose by more than the package can draw",
    Fault.STUCK: "a counter stood still",
}


def read_uj(path: Path) -> int:
    """Return a powercap file's number."""
    return int(path.read_text(encoding="ascii"))


class Counters:
    """Differences of several counters, each checked against what its package can draw.

    Args:
        zones: counters to add up.
        limit_w: most that a package can draw.
        unknown_range_uj: smallest range that hardware has, for zones that do not say theirs.
    """

    def __init__(self, zones: Sequence[Zone], limit_w: float, unknown_range_uj: int) -> None:
        self.limit_w = limit_w
        # A range that a busy package passes in a second is no range.
        self._ranges = [zone.range_uj if zone.range_uj >= limit_w * 1e6 else 0 for zone in zones]
        self.longest_gap_s = min(r or unknown_range_uj for r in self._ranges) / 1e6 / limit_w
        self._packages = [_package(zone.name) for zone in zones]
        self._last: tuple[int, ...] | None = None
        self._last_s = 0.0
        self._moved_s = [0.0] * len(zones)

    def lose(self) -> None:
        """Forget the last reading, as a new one failed."""
        self._last = None

    def add(self, counts: tuple[int, ...], now_s: float) -> tuple[float, Fault | None]:
        """Take a reading; return the joules since the last one (0 for the first), or the fault in it."""
        last, gap_s = self._last, now_s - self._last_s
        if last is None:
            self._moved_s = [now_s] * len(counts)
            found: tuple[float, Fault | None] = (0.0, None)
        else:
            found = self._between(last, counts, gap_s, now_s)
        self._last, self._last_s = counts, now_s
        return found

    def _between(
        self, last: tuple[int, ...], counts: tuple[int, ...], gap_s: float, now_s: float
    ) -> tuple[float, Fault | None]:
        if gap_s > self.longest_gap_s:
            return 0.0, Fault.LATE
        total_uj, most_uj = 0, self.limit_w * (gap_s + REFRESH_S) * 1e6
        for i, (before, after) in enumerate(zip(last, counts, strict=True)):
            if before != after:
                self._moved_s[i] = now_s
            elif now_s - self._moved_s[i] > _STILL_S:
                return 0.0, Fault.STUCK
            if self._mirrors(i, last) and self._mirrors(i, counts):
                continue
            rise_uj = after - before if after >= before else after - before + self._ranges[i]
            if not 0 <= rise_uj <= most_uj:
                return 0.0, Fault.ANEW if after < before else Fault.ABOVE_LIMIT
            total_uj += rise_uj
        return total_uj / 1e6, None

    def _mirrors(self, index: int, counts: tuple[int, ...]) -> bool:
        """Whether a counter shows an earlier one of its kind: dies of a package may all show the socket's.

        Equal counts are one counter. Dies of one package are read one after the other, between refreshes.
        """
        slack_uj = self.limit_w * 2e-3 * 1e6
        for earlier in range(index):
            if self._packages[earlier][0] != self._packages[index][0]:
                continue
            apart_uj = abs(counts[index] - counts[earlier])
            same_socket = (
                self._packages[index][1] is not None and self._packages[earlier] == self._packages[index]
            )
            if apart_uj == 0 or (same_socket and apart_uj <= slack_uj):
                return True
        return False


def _package(name: str) -> tuple[str, str | None]:
    """Return ("package", socket) of a die's zone, ("package", None) of a whole one, ("dram", None) else."""
    found = re.fullmatch(r"package-(\d+)-die-\d+", name)
    return (name.partition("-")[0], found.group(1) if found else None)


def find_zones(folder: Path, read: Callable[[Path], int]) -> list[Zone]:
    """Return packages and memories; cores are inside packages, psys holds them, mmio repeats them.

    Raises:
        OSError, ValueError: a zone's name cannot be read.
    """
    zones = []
    for path in sorted(folder.glob("intel-rapl:*")):
        name = (path / "name").read_text(encoding="ascii").strip()
        if name.startswith("package") or name == "dram":
            zones.append(Zone(path / "energy_uj", name, _range_uj(path, read)))
    return zones if any(zone.is_package for zone in zones) else []


def _range_uj(path: Path, read: Callable[[Path], int]) -> int:
    """Return where a counter wraps, 0 where the kernel does not say."""
    try:
        return max(0, read(path / "max_energy_range_uj"))
    except (OSError, ValueError):
        return 0


def dead_zones(zones: list[Zone], read: Callable[[Path], int]) -> dict[Zone, str]:
    """Return what is wrong with the counters that are not alive: "reads 0" or "seems to stand still".

    Raises:
        OSError, ValueError: a counter cannot be read.
    """
    first = {zone: read(zone.path) for zone in zones}
    still = {zone for zone, count in first.items() if count}
    for _ in range(_LOOKS):
        if not still:
            break
        time.sleep(_LOOK_S)
        still -= {zone for zone in still if read(zone.path) != first[zone]}
    return {
        zone: "seems to stand still" if count else "reads 0"
        for zone, count in first.items()
        if not count or zone in still
    }
