"""The ladder: which rungs this machine can read, and the ones a meter takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qwatt import catalogue
from qwatt.core.quantity import Boundary, Quantity
from qwatt.energy.meter.cpu_time import CpuTimeReader, cpu_time_rung
from qwatt.energy.meter.host_power import HostPower, host_power
from qwatt.energy.meter.nvml import find_nvml, load_nvml
from qwatt.energy.meter.powercap import read_uj
from qwatt.energy.meter.ram import RamReader, ram_rung
from qwatt.energy.meter.rapl import RaplReader, find_rapl
from qwatt.energy.meter.reader import Found, Reader


@dataclass(frozen=True)
class Sources:
    """Where readers look: the machine's own places, or a test's.

    Args:
        proc_root: the /proc to identify the processor and its load by.
        sys_root: the /sys to look for powercap in.
        dev_root: the /dev to see by whether there is a GPU.
        environ: environment variables.
        load_nvml: returns the pynvml module, or None.
        read_uj: reads a powercap counter's file.
    """

    proc_root: Path = Path("/proc")
    sys_root: Path = Path("/sys")
    dev_root: Path = Path("/dev")
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    load_nvml: Callable[[], Any] = load_nvml
    read_uj: Callable[[Path], int] = read_uj


def climb(sources: Sources | None = None) -> list[Found]:
    """Return every rung with its state and, where a meter takes it, its reader; best first.

    Without a chip's sensor the host is charged as a share of its server (boundary node). With one, all parts
    are brought to the chips (device): CPU time x W/vCPU is scaled by the catalogue's chip share.
    """
    sources = sources or Sources()
    gpu = find_nvml(sources.load_nvml, sources.dev_root, sources.environ)
    rapl = find_rapl(sources.sys_root, sources.proc_root, sources.read_uj)
    power = host_power(sources.proc_root, sources.environ)
    sensors = [found.reader for found in (gpu, rapl) if found.reader is not None and found.reader.is_sensor]
    boundary = Boundary.DEVICE if sensors else Boundary.NODE
    cpu_time = CpuTimeReader(_at(boundary, power), only_a_check=rapl.reader is not None)
    found = [gpu, rapl, Found(cpu_time_rung(power), cpu_time)]
    if isinstance(rapl.reader, RaplReader) and rapl.reader.has_memory:
        return [*found, Found(ram_rung(power, measured=True))]
    low_w = 0.0 if rapl.reader is None else power.per_gb.interval[0]
    return [*found, Found(ram_rung(power), RamReader(replace(power.per_gb, low=low_w, boundary=boundary)))]


def choose(sources: Sources | None = None) -> list[Reader]:
    """Return the readers that a meter takes on this machine."""
    return [found.reader for found in climb(sources) if found.reader is not None]


def _at(boundary: Boundary, power: HostPower) -> Quantity:
    """Return watts per vCPU at a boundary."""
    if boundary is Boundary.NODE:
        return power.per_vcpu
    low, value, high = catalogue.quantity(catalogue.load("host_power")["server"]["chip_share"]).interval
    return power.per_vcpu.scaled(value, low, high, boundary=Boundary.DEVICE)
