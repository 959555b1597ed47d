"""A GPU's energy counter by qwatt's windows, beside its power: from which length on is a window right?"""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import threading
import time

from qwatt.energy.meter import Meter

LENGTHS = ((0.2, 8), (0.5, 4), (1.0, 3), (2.0, 3), (5.0, 1))
"""Seconds of a window, and how many of them."""
POLL_S = 0.02
POWER_INSTANT = 186
"""NVML_FI_DEV_POWER_INSTANT, milliwatts."""
LOAD = """
import sys, time
import torch
a = torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16)
b = torch.randn_like(a)
on, off = float(sys.argv[1]), float(sys.argv[2])
torch.mm(a, b); torch.cuda.synchronize(); print("ready", flush=True)
while True:
    end = time.perf_counter() + on
    while time.perf_counter() < end:
        for _ in range(10):
            torch.mm(a, b)
        torch.cuda.synchronize()
    time.sleep(off)
"""
STATES = {"idle": (None, 22.0), "steady": (("1", "0"), 30.0), "pulsed": (("0.15", "0.15"), 20.0)}
"""Seconds of work and of rest of each load, and of the window around all others."""


class Power(threading.Thread):
    """Reads the GPU's power every 20 ms: (time, averaged W, instant W or None)."""

    def __init__(self, nvml, handle):
        super().__init__(daemon=True)
        self.nvml, self.handle, self.read, self.ended = nvml, handle, [], False

    def run(self):
        """Read until told to end."""
        while not self.ended:
            self.read.append((time.perf_counter(), self._averaged(), self._instant()))
            time.sleep(POLL_S)

    def _averaged(self):
        return self.nvml.nvmlDeviceGetPowerUsage(self.handle) / 1e3

    def _instant(self):
        try:
            field = self.nvml.nvmlDeviceGetFieldValues(self.handle, [POWER_INSTANT])[0]
        except self.nvml.NVMLError:
            return None
        return field.value.uiVal / 1e3 if field.nvmlReturn == 0 else None

    def joules(self, begin, end, which):
        """Integrate one of the two powers between two times by trapezoids."""
        points = [row for row in self.read if begin - POLL_S <= row[0] <= end + POLL_S]
        if len(points) < 2 or any(row[which] is None for row in points):
            return None
        watts = [(row[0], row[which]) for row in points]
        total = 0.0
        for (t0, w0), (t1, w1) in itertools.pairwise(watts):
            part = max(0.0, min(t1, end) - max(t0, begin))
            total += part * (w0 + w1) / 2
        return total


def refresh(nvml, handle, seconds=2.0):
    """Return the median milliseconds between two changes of the counter, and the joules of a change."""
    changes, last, end = [], None, time.perf_counter() + seconds
    while time.perf_counter() < end:
        shown = nvml.nvmlDeviceGetTotalEnergyConsumption(handle)
        if shown != last:
            changes.append((time.perf_counter(), shown))
            last = shown
    gaps = [b[0] - a[0] for a, b in itertools.pairwise(changes)][1:]
    steps = [(b[1] - a[1]) / 1e3 for a, b in itertools.pairwise(changes)][1:]
    if not gaps:
        return None, None
    return 1e3 * statistics.median(gaps), statistics.median(steps)


def windows(part, meter, power, state, long_s):
    """Measure nested windows in one state: a long one around all lengths."""
    rows, sums = [], {"children": 0.0}
    begin = time.perf_counter()
    with meter.window("outer") as outer:
        for seconds, times in LENGTHS:
            for _ in range(times):
                start = time.perf_counter()
                with meter.window("inner") as inner:
                    time.sleep(seconds)
                rows.append((seconds, start, time.perf_counter(), inner))
        left = long_s - (time.perf_counter() - begin)
        if left > 0:
            with meter.window("rest") as rest:
                time.sleep(left)
            sums["children"] += rest.readings["nvml"].value
    end = time.perf_counter()
    mean_w = outer.readings["nvml"].value / outer.seconds
    for seconds, _ in LENGTHS:
        mine = [row for row in rows if row[0] == seconds]
        counted = [row[3].readings["nvml"].value for row in mine]
        sums["children"] += sum(counted)
        over_mean = [j / (mean_w * row[3].seconds) for j, row in zip(counted, mine, strict=True)]
        ratios = {}
        for name, which in (("averaged", 1), ("instant", 2)):
            held = [power.joules(row[1], row[2], which) for row in mine]
            if all(held):
                ratios[f"over_{name}_power"] = [j / h for j, h in zip(counted, held, strict=True)]
        part.add(
            state=state,
            window_s=seconds,
            over_outer_mean=over_mean,
            **ratios,
            flags=list(mine[0][3].flags),
        )
    part.add(
        state=state,
        window_s=outer.seconds,
        w=mean_w,
        over_averaged_power=_over(outer, power.joules(begin, end, 1)),
        over_instant_power=_over(outer, power.joules(begin, end, 2)),
        children_over_parent=sums["children"] / outer.readings["nvml"].value,
        parent_at_least_children=outer.readings["nvml"].value >= sums["children"] - 1e-6,
    )


def _over(window, joules):
    return window.readings["nvml"].value / joules if joules else None


def run(part, device, smoke, chip):
    meter = Meter()
    if device != "cuda":
        part.note(skipped="no GPU", rungs=[reader.name for reader in meter.readers])
        return
    import pynvml

    pynvml.nvmlInit()
    handle = pynvml.nvmlDeviceGetHandleByIndex(0)
    part.note(sensor=next(r.remark for r in meter.readers if r.name == "nvml"), poll_s=POLL_S)
    for state, (load, long_s) in STATES.items():
        child = None
        if load:
            child = subprocess.Popen([sys.executable, "-c", LOAD, *load], stdout=subprocess.PIPE)
            child.stdout.readline()
            time.sleep(1.0)
        try:
            period_ms, step_j = refresh(pynvml, handle)
            part.note(**{f"{state}_refresh_ms": period_ms, f"{state}_step_j": step_j})
            power = Power(pynvml, handle)
            power.start()
            time.sleep(0.2)
            part.attempt(windows, part, meter, power, state, long_s, state=state)
            power.ended = True
            power.join()
        finally:
            if child:
                child.kill()
                child.wait()
                time.sleep(1.0)
