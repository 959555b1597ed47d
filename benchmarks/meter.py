"""What the meter costs and how exactly it counts on this machine, in CPU time: neighbours do not matter.

    python benchmarks/meter.py [--json]

Overhead is the CPU time of one begin and end. Exactness compares the CPU seconds of a window with what
`getrusage` says of the same work. CodeCarbon and Zeus are measured beside it where they are installed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from qwatt.energy.doctor import diagnose
from qwatt.energy.meter import Meter

LIMIT_US = 200.0
BURN = "import time\nwhile time.process_time() < 0.1: pass"


def overhead_us(open_window: Callable[[], AbstractContextManager[Any]], repeats: int) -> float:
    """Return the CPU microseconds of one begin and end: the best of five batches."""
    batches = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(repeats):
            with open_window():
                pass
        batches.append((time.process_time() - start) / repeats * 1e6)
    return min(batches)


@contextmanager
def company(children: int, threads: int) -> Any:
    """Keep idle children and threads around."""
    stop = threading.Event()
    with ExitStack() as stack:
        for _ in range(children):
            child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE)
            stack.callback(child.communicate, b"\n")
        for _ in range(threads):
            thread = threading.Thread(target=stop.wait)
            thread.start()
            stack.callback(thread.join)
        stack.callback(stop.set)
        time.sleep(0.2)
        yield


def rusage_s() -> float:
    """Return CPU seconds of this process and of its reaped children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def exactness(meter: Meter) -> dict[str, float]:
    """Meter 20 children of 0.1 CPU seconds each, and compare with the kernel's own account."""
    before = rusage_s()
    with meter.window("children") as window:
        for _ in range(20):
            subprocess.run([sys.executable, "-I", "-S", "-c", BURN], check=True)
    used = rusage_s() - before
    return {"window_cpu_s": window.cpu_seconds, "rusage_s": used, "ratio": window.cpu_seconds / used}


def peers() -> dict[str, float | None]:
    """Return the CPU microseconds of a begin and end of other meters, None where not installed."""
    found: dict[str, float | None] = {"codecarbon task": None, "zeus window": None}
    try:
        from codecarbon import OfflineEmissionsTracker
    except ImportError:
        pass
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            tracker = OfflineEmissionsTracker(
                country_iso_code="FRA",
                tracking_mode="process",
                save_to_file=False,
                log_level="critical",
                allow_multiple_runs=True,
            )

        @contextmanager
        def task() -> Any:
            tracker.start_task()
            yield
            tracker.stop_task()

        found["codecarbon task"] = overhead_us(task, 10)
        tracker.stop()
    try:
        from zeus.monitor import ZeusMonitor
    except ImportError:
        return found
    monitor = ZeusMonitor()

    @contextmanager
    def window() -> Any:
        monitor.begin_window("w")
        yield
        monitor.end_window("w")

    found["zeus window"] = overhead_us(window, 200)
    return found


def measure() -> dict[str, Any]:
    """Return every figure."""
    meter = Meter()
    result: dict[str, Any] = {"rungs": [rung.name for rung in diagnose() if rung.readable], "overhead_us": {}}
    for children, threads in ((0, 0), (0, 16), (1, 0), (4, 0)):
        with company(children, threads):
            us = overhead_us(lambda: meter.window("w"), 500)
        result["overhead_us"][f"{children} children, {threads} threads"] = us
    return result | {"children": exactness(meter), "peers_us": peers()}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    result = measure()
    if parser.parse_args().json:
        print(json.dumps(result, indent=2))
    else:
        print(f"rungs: {', '.join(result['rungs'])}")
        for name, us in (result["overhead_us"] | result["peers_us"]).items():
            print(f"begin+end, {name:24} {'not installed' if us is None else f'{us:10.1f} us CPU'}")
        print(
            "20 children of 0.1 s: {window_cpu_s:.3f} s, rusage {rusage_s:.3f} s".format(**result["children"])
        )
    return int(result["overhead_us"]["0 children, 0 threads"] > LIMIT_US)


if __name__ == "__main__":
    sys.exit(main())
