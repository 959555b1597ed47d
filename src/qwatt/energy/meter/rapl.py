"""Second rung: the processor's own energy counters (RAPL) in /sys/class/powercap."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qwatt import catalogue
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.energy.meter.processes import Snapshot
from qwatt.energy.meter.reader import Found, Reader, Rung

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_BLOCK_BUSY_S = 0.5
"""CPU time of the machine over which the tree's share is taken; /proc/stat counts in steps of 10 ms."""


@dataclass(frozen=True)
class Zone:
    """One powercap counter: its file, its name ("package-0", "dram") and where it wraps, in microjoules."""

    path: Path
    name: str
    range_uj: int


def read_uj(path: Path) -> int:
    """Return a powercap file's number."""
    return int(path.read_text(encoding="ascii"))


class RaplReader(Reader):
    """Packages plus memory, apportioned to the process tree by its share of the machine's CPU time.

    RAPL is machine-wide: neighbours are in it. At every mark the energy since the last one is charged by the
    tree's share of all busy CPU time; idle power is so split among those who work. The interval is a
    judgement, from the catalogue, on how far CPU time is from energy.

    Args:
        zones: counters to add up.
        proc_root: the /proc whose `stat` gives the machine's busy time.
        read: reads a counter's file.
    """

    name = "rapl"
    is_sensor = True

    def __init__(
        self, zones: tuple[Zone, ...], proc_root: Path = Path("/proc"), read: Callable[[Path], int] = read_uj
    ) -> None:
        tables = catalogue.load("host_power")["rapl"]
        self.zones = zones
        self._attribution = catalogue.quantity(tables["attribution"])
        limit_w = tables["package_limit"]["value"]
        self.longest_gap_s = min(zone.range_uj for zone in zones) / 1e6 / limit_w
        self.max_gap_s = self.longest_gap_s / 2
        self._proc_stat = proc_root / "stat"
        self._read = read
        self._last: tuple[float, tuple[int, ...]] | None = None
        self._block: tuple[float, float] = (0.0, 0.0)
        self._first_block = True
        self._share = 1.0
        self._counters = (0.0, 0.0, 0.0)

    @property
    def has_memory(self) -> bool:
        """Whether a memory counter is among the zones."""
        return any(zone.name == "dram" for zone in self.zones)

    def read(self, now: Snapshot) -> tuple[float, ...]:
        """Return attributed joules, the machine's joules, and how often the counters were lost."""
        attributed_j, machine_j, lost = self._counters
        try:
            counts = tuple(self._read(zone.path) for zone in self.zones)
            self._share = self._update_share(now.cpu_s)
        except (OSError, ValueError, IndexError):
            self._last = None
            self._counters = (attributed_j, machine_j, lost + 1)
            return self._counters
        if self._last is not None:
            gap_s = now.seconds - self._last[0]
            lost += gap_s > self.longest_gap_s
            joules = sum(map(_delta_uj, self.zones, self._last[1], counts)) / 1e6
            attributed_j += joules * self._share
            machine_j += joules
        self._last = (now.seconds, counts)
        self._counters = (attributed_j, machine_j, lost)
        return self._counters

    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        """Return the tree's joules (device); unknown when a counter failed or may have wrapped twice."""
        attributed_j, machine_j, lost = (last - first for first, last in zip(begin, end, strict=True))
        if lost:
            return Quantity.unknown(
                "RAPL could not be read often enough", boundary=Boundary.DEVICE, basis=Basis.MEASURED_RAPL
            )
        names = "+".join(sorted({zone.name.split("-")[0] for zone in self.zones}))
        share = attributed_j / machine_j if machine_j else self._share
        low, value, high = (attributed_j * factor for factor in self._attribution.interval)
        remark = f"RAPL {names}, {share:.0%} of the machine's by CPU time"
        return Quantity(value, low, high, "J", Basis.MEASURED_RAPL, Boundary.DEVICE, remark)

    def _update_share(self, tree_s: float) -> float:
        """Return the tree's share of busy CPU time over a block; the first block counts before it is full."""
        busy_s = busy_cpu_s(self._proc_stat)
        if self._last is None:
            self._block = (tree_s, busy_s)
            return self._share
        begin_tree_s, begin_busy_s = self._block
        block_s = busy_s - begin_busy_s
        if block_s >= _BLOCK_BUSY_S:
            self._block, self._first_block = (tree_s, busy_s), False
        elif not self._first_block or block_s <= 0:
            return self._share
        return min(1.0, max(0.0, tree_s - begin_tree_s) / block_s)


def busy_cpu_s(stat: Path) -> float:
    """Return the machine's busy CPU seconds since boot: all but idle, waiting, stolen and guests' twice."""
    fields = stat.read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq = (int(f) for f in fields[:7])
    return (user + nice + system + irq + softirq) / _TICKS_PER_S


def find_rapl(sys_root: Path, proc_root: Path, read: Callable[[Path], int] = read_uj) -> Found:
    """Return the rung: readable when every package counter can be read, is not zero and advances."""
    folder = sys_root / "class" / "powercap"
    if not folder.is_dir():
        return _unreadable(
            f"no {folder}: a virtual machine, or a kernel without RAPL",
            "run on bare metal with the kernel module loaded: sudo modprobe intel_rapl_msr",
        )
    try:
        zones = _zones(folder, read)
        counts = [read(zone.path) for zone in zones]
    except PermissionError as error:
        return _unreadable(
            f"{error.filename or folder} is readable by root alone",
            f"sudo chmod a+r {folder}/intel-rapl:*/energy_uj (until reboot; a udev rule makes it stay)",
        )
    except (OSError, ValueError) as error:
        return _unreadable(f"the counters cannot be read: {error}", "check the kernel's intel_rapl driver")
    if not zones:
        return _unreadable(f"{folder} has no package counter", "sudo modprobe intel_rapl_msr")
    dead = [zone.name for zone, count in zip(zones, counts, strict=True) if not count]
    if dead or not _advances(zones, counts, read):
        what = f"{', '.join(dead)} reads 0" if dead else "the counters stand still"
        return _unreadable(f"{what}: a dummy of the hypervisor", "run on bare metal")
    names = ", ".join(zone.name for zone in zones)
    detail = f"{names}; machine-wide, apportioned by CPU-time share; chip (device)"
    return Found(Rung("rapl", True, detail), RaplReader(tuple(zones), proc_root, read))


def _zones(folder: Path, read: Callable[[Path], int]) -> list[Zone]:
    """Return packages and memories; cores are inside packages, psys holds them, mmio repeats them."""
    zones = []
    for path in sorted(folder.glob("intel-rapl:*")):
        name = (path / "name").read_text(encoding="ascii").strip()
        if name.startswith("package") or name == "dram":
            zones.append(Zone(path / "energy_uj", name, read(path / "max_energy_range_uj")))
    has_package = any(zone.name.startswith("package") for zone in zones)
    return zones if has_package else []


def _advances(zones: list[Zone], counts: list[int], read: Callable[[Path], int]) -> bool:
    """Whether a package counter moves within 50 ms; hardware refreshes it every millisecond."""
    for _ in range(10):
        time.sleep(0.005)
        moved = [read(zone.path) != count for zone, count in zip(zones, counts, strict=True)]
        if any(moved):
            return True
    return False


def _unreadable(why_not: str, mend: str) -> Found:
    return Found(Rung("rapl", False, why_not=why_not, mend=mend))


def _delta_uj(zone: Zone, last: int, count: int) -> int:
    return count - last if count >= last else count + zone.range_uj - last
