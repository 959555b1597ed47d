"""CPU time and memory of this process with its threads, its living descendants and its reaped children."""

from __future__ import annotations

import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_PAGE_BYTES = resource.getpagesize()
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
_LINUX = sys.platform.startswith("linux")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The process tree at one moment; only differences between two snapshots mean anything.

    Args:
        seconds: monotonic clock.
        cpu_s: user and system time of the tree since it began, all threads.
        rss_bytes: resident memory of the living tree; pages shared after a fork count in each process.
        max_rss_bytes: largest resident memory this process alone ever had.
        pids: this process and its living descendants.
    """

    seconds: float
    cpu_s: float
    rss_bytes: int
    max_rss_bytes: int
    pids: tuple[int, ...]


def snapshot() -> Snapshot:
    """Read the tree: about 20 microseconds without children, 60 more for each living one.

    Descendants that were re-parented (a daemon) or reaped while SIGCHLD is ignored are lost.
    """
    me = os.getpid()
    descendants = _descendants(me) if _has_children() else ()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = time.process_time() + usage.ru_utime + usage.ru_stime
    rss_bytes = _rss_bytes(me)
    for pid in descendants:
        cpu_s += _cpu_s(pid)
        rss_bytes += _rss_bytes(pid)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES
    return Snapshot(time.perf_counter(), cpu_s, rss_bytes, peak, (me, *descendants))


def _has_children() -> bool:
    if not hasattr(os, "waitid"):
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _descendants(pid: int) -> tuple[int, ...]:
    """Return the living (and not yet reaped) processes below `pid`, nearest first."""
    found: list[int] = []
    queue = [pid]
    while queue:
        children = _children(queue.pop(0))
        found += children
        queue += children
    return tuple(found)


def _children(pid: int) -> list[int]:
    if not _LINUX:
        return _children_by_psutil(pid)
    children: list[int] = []
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
    for thread in threads:
        try:
            text = (thread / "children").read_text(encoding="ascii")
        except FileNotFoundError:  # the thread ended, or the kernel was built without this file
            if thread.name == str(pid):
                return _children_by_psutil(pid)
            continue
        except OSError:
            continue
        children += map(int, text.split())
    return children


def _children_by_psutil(pid: int) -> list[int]:
    import psutil

    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.Error:
        return []


def _cpu_s(pid: int) -> float:
    """Return a descendant's own CPU time, all threads, plus that of the children it reaped."""
    if not _LINUX:
        return _cpu_s_by_psutil(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        user, system, reaped_user, reaped_system = (int(f) for f in fields.split()[11:15])
    except (OSError, ValueError):
        return 0.0
    reaped_s = (reaped_user + reaped_system) / _TICKS_PER_S
    try:
        # The process's CPU clock (clock_getcpuclockid(3)) counts nanoseconds, /proc only ticks of 10 ms.
        return time.clock_gettime((~pid << 3) | 2) + reaped_s
    except OSError:
        return (user + system) / _TICKS_PER_S + reaped_s


def _cpu_s_by_psutil(pid: int) -> float:
    import psutil

    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _rss_bytes(pid: int) -> int:
    if _LINUX:
        try:
            return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
        except (OSError, IndexError):
            return 0
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
