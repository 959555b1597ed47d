"""Third rung: CPU seconds of the process tree times watts per vCPU."""

from __future__ import annotations

from qwatt.core.quantity import Quantity
from qwatt.energy.meter.host_power import OVERRIDE, HostPower
from qwatt.energy.meter.processes import Snapshot
from qwatt.energy.meter.reader import Reader, Rung


class CpuTimeReader(Reader):
    """Energy estimated as CPU seconds x W/vCPU: exact under contention, blind to clocks and vector units.

    Args:
        per_vcpu: W of a busy hardware thread, with its boundary.
        only_a_check: it is read beside a sensor, and not charged.
    """

    name = "cpu_time"

    def __init__(self, per_vcpu: Quantity, only_a_check: bool = False) -> None:
        self.per_vcpu = per_vcpu
        self.only_a_check = only_a_check

    def read(self, now: Snapshot) -> tuple[float, ...]:
        """Return the tree's CPU seconds."""
        return (now.cpu_s,)

    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        """Return joules, boundary as the coefficient's."""
        return self.per_vcpu.scaled(end[0] - begin[0], unit="J")

    def charged(self, pids: tuple[int, ...], since_s: float) -> bool:
        """Whether no sensor measures the processor."""
        return not self.only_a_check


def cpu_time_rung(power: HostPower) -> Rung:
    """Return the rung's state; it is readable everywhere."""
    low, value, high = power.per_vcpu.interval
    detail = f"{value:g} [{low:g}, {high:g}] W per busy vCPU: {power.name}; whole server's share (node)"
    mend = None if power.known else f"set {OVERRIDE}=low,central,high for this machine"
    return Rung("cpu_time", True, detail, mend=mend)
