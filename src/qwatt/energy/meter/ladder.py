"""The ladder: which rungs this machine can read, and the ones a meter takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qwatt.energy.meter.cpu_time import find_cpu_time
from qwatt.energy.meter.ram import find_ram
from qwatt.energy.meter.reader import Found, Reader


@dataclass(frozen=True)
class Sources:
    """Where readers look: the machine's own places, or a test's.

    Args:
        proc_root: the /proc to identify the processor and its load by.
        sys_root: the /sys to look for powercap in.
        environ: environment variables.
    """

    proc_root: Path = Path("/proc")
    sys_root: Path = Path("/sys")
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)


def climb(sources: Sources) -> list[Found]:
    """Return every rung with its state, best first."""
    return [find_cpu_time(sources.proc_root, sources.environ), find_ram(sources.proc_root, sources.environ)]


def choose(sources: Sources) -> list[Reader]:
    """Return the readers of the best rungs: GPUs, and for the host RAPL or else CPU time, and memory."""
    return [found.reader for found in climb(sources) if found.reader is not None]
