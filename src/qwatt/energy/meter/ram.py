"""Fourth rung: resident gigabytes times watts per gigabyte times seconds."""

from __future__ import annotations

from qwatt.core.quantity import Quantity
from qwatt.energy.meter.host_power import HostPower
from qwatt.energy.meter.processes import Snapshot
from qwatt.energy.meter.reader import Reader, Rung

_BYTES_PER_GB = 1e9


class RamReader(Reader):
    """Energy of the memory the process tree holds: attributional, never the machine's DIMMs.

    Resident memory is sampled at every begin and end of any window and integrated by trapezoids, so a
    window with phases follows its memory more closely, and phases add up to no more than their window.

    Args:
        per_gb: W of a resident gigabyte, with its boundary.
    """

    name = "ram"

    def __init__(self, per_gb: Quantity) -> None:
        self.per_gb = per_gb
        self._last: Snapshot | None = None
        self._gb_s = 0.0

    def read(self, now: Snapshot) -> tuple[float, ...]:
        """Return the integral of resident memory so far, in GB s."""
        gb_s = self._gb_s
        if self._last is not None:
            mean_bytes = (now.rss_bytes + self._last.rss_bytes) / 2
            gb_s += mean_bytes / _BYTES_PER_GB * max(0.0, now.seconds - self._last.seconds)
        self._last, self._gb_s = now, gb_s
        return (gb_s,)

    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        """Return joules, boundary as the coefficient's."""
        return self.per_gb.scaled(end[0] - begin[0], unit="J")


def ram_rung(power: HostPower, measured: bool = False) -> Rung:
    """Return the rung's state; it is readable everywhere, and not needed beside a memory counter."""
    if measured:
        return Rung("ram", False, why_not="not needed: RAPL's dram counter measures the memory")
    low, value, high = power.per_gb.interval
    detail = f"{value:g} [{low:g}, {high:g}] W per resident GB; 0 more where cpu_time's watts hold the memory"
    return Rung("ram", True, detail)
