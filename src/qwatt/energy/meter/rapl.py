"""Second rung: the processor's own energy counters (RAPL) in /sys/class/powercap."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from qwatt import catalogue
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.energy.meter.host_power import package_limit_w
from qwatt.energy.meter.powercap import Counters, Fault, Zone, dead_zones, find_zones, read_uj
from qwatt.energy.meter.processes import Snapshot
from qwatt.energy.meter.reader import Found, Reader, Rung

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_BLOCK_BUSY_S = 0.5
"""CPU time of the machine over which the tree's share is taken; /proc/stat counts in steps of 10 ms."""


class RaplReader(Reader):
    """Packages plus memory, apportioned to the process tree by its share of the machine's CPU time.

    RAPL is machine-wide: neighbours are in it. At every mark the energy since the last one is charged by the
    tree's share of all busy CPU time; idle power is so split among those who work. The interval is a
    judgement, from the catalogue, on how far CPU time is from energy.

    Args:
        zones: counters to add up; dies that all show their socket's counter are counted once.
        proc_root: the /proc whose `stat` gives the machine's busy time, and `cpuinfo` its power limit.
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
        unknown_range_uj = round(tables["smallest_range"]["value"] * 1e6)
        self._zones = Counters(zones, package_limit_w(proc_root), unknown_range_uj)
        self.max_gap_s = self._zones.longest_gap_s / 2
        self._proc_stat = proc_root / "stat"
        self._read = read
        self._block: tuple[float, float] | None = None
        self._first_block = True
        self._share = 1.0
        self._counters = (0.0, 0.0, *(0.0 for _ in Fault))

    @property
    def has_memory(self) -> bool:
        """Whether a memory counter is among the zones."""
        return any(zone.name == "dram" for zone in self.zones)

    def read(self, now: Snapshot) -> tuple[float, ...]:
        """Return attributed joules, the machine's joules, and how often each fault occurred."""
        attributed_j, machine_j, *faults = self._counters
        try:
            counts = tuple(self._read(zone.path) for zone in self.zones)
            self._share = self._update_share(now.cpu_s)
        except (OSError, ValueError, IndexError):
            self._zones.lose()
            self._block = None
            faults[Fault.FAILED] += 1
        else:
            joules, fault = self._zones.add(counts, now.seconds)
            attributed_j += joules * self._share
            machine_j += joules
            if fault is not None:
                faults[fault] += 1
        self._counters = (attributed_j, machine_j, *faults)
        return self._counters

    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        """Return the tree's joules (device); unknown when a counter cannot be trusted."""
        attributed_j, machine_j, *faults = (last - first for first, last in zip(begin, end, strict=True))
        reasons = [fault.reason for fault in Fault if faults[fault]]
        if reasons:
            why = f"RAPL: {'; '.join(reasons)}"
            return Quantity.unknown(why, boundary=Boundary.DEVICE, basis=Basis.MEASURED_RAPL)
        names = "+".join(sorted({zone.name.split("-")[0] for zone in self.zones}))
        share = attributed_j / machine_j if machine_j else self._share
        low, value, high = (attributed_j * factor for factor in self._attribution.interval)
        remark = f"RAPL {names}, {share:.0%} of the machine's by CPU time"
        return Quantity(value, low, high, "J", Basis.MEASURED_RAPL, Boundary.DEVICE, remark)

    def _update_share(self, tree_s: float) -> float:
        """Return the tree's share of busy CPU time over a block; the first block counts before it is full."""
        busy_s = busy_cpu_s(self._proc_stat)
        if self._block is None:
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
    """Return the rung: readable when every package counter can be read, is not zero and advances.

    Memory counters that are dead beside good packages are left out, and said.
    """
    folder = sys_root / "class" / "powercap"
    if not folder.is_dir():
        return _unreadable(
            f"no {folder}: a virtual machine, or a kernel without RAPL",
            "run on bare metal with the kernel module loaded: sudo modprobe intel_rapl_msr",
        )
    try:
        zones = find_zones(folder, read)
        dead = dead_zones(zones, read)
    except PermissionError as error:
        return _unreadable(
            f"{error.filename or folder} is readable by root alone",
            f"sudo chmod a+r {folder}/intel-rapl:*/energy_uj (until reboot; a udev rule makes it stay)",
        )
    except (OSError, ValueError) as error:
        return _unreadable(f"the counters cannot be read: {error}", "check the kernel's intel_rapl driver")
    if not zones:
        return _unreadable(f"{folder} has no package counter", "sudo modprobe intel_rapl_msr")
    packages = [f"{zone.name} {what}" for zone, what in dead.items() if zone.is_package]
    if packages:
        return _unreadable(f"{', '.join(packages)}: a dummy of the hypervisor", "run on bare metal")
    return _readable(zones, dead, proc_root, read)


def _readable(
    zones: list[Zone], dead: dict[Zone, str], proc_root: Path, read: Callable[[Path], int]
) -> Found:
    """Return the rung of living packages, with the memories if all of them live: a part is no memory."""
    kept = [zone for zone in zones if zone.is_package or not dead]
    names = ", ".join(zone.name for zone in kept)
    lost = f"; left out: dram, which {' or '.join(sorted(set(dead.values())))}" if dead else ""
    detail = f"{names}{lost}; machine-wide, apportioned by CPU-time share; chip (device)"
    return Found(Rung("rapl", True, detail), RaplReader(tuple(kept), proc_root, read))


def _unreadable(why_not: str, mend: str) -> Found:
    return Found(Rung("rapl", False, why_not=why_not, mend=mend))
