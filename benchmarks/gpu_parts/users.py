"""Who is charged for a GPU: one that never opens CUDA, for a stranger's work, a child's, a gone child's."""

from __future__ import annotations

import importlib
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from qwatt.energy.meter import Meter

SHORT = """
import time, torch
a = torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16)
end = time.perf_counter() + 3
while time.perf_counter() < end:
    for _ in range(10):
        torch.mm(a, a.T)
    torch.cuda.synchronize()
"""
STRANGER = """
import subprocess, sys
load = [sys.executable, "-c", sys.argv[1]]
print(subprocess.Popen(load, start_new_session=True, stdout=subprocess.DEVNULL).pid)
"""
"""Starts a load and ends at once, so that the load is nobody's child here."""


def row(part, meter, case, expected, work, before=lambda: None):
    """Open a window around some work and say whether the GPU is in its energy."""
    before()
    with meter.window(case) as window:
        work()
    gpu = window.readings["nvml"]
    rest = sum(q.value or 0.0 for name, q in window.readings.items() if name != "nvml")
    total = window.energy.value
    charged = "unknown" if total is None else total > rest + 0.5 * (gpu.value or 0.0)
    part.add(
        case=case,
        expected=expected,
        gpu_charged=charged,
        gpu_j=gpu.value,
        gpu_reason=gpu.reason,
        rest_j=rest,
        total_j=total,
        reason=window.energy.reason,
        seconds=window.seconds,
        flags=list(window.flags),
    )


def listed(part, child):
    """Say whether NVML lists a living child by the number that it has here."""
    import pynvml

    pynvml.nvmlInit()
    handle = pynvml.nvmlDeviceGetHandleByIndex(0)
    seen = [user.pid for user in pynvml.nvmlDeviceGetComputeRunningProcesses(handle)]
    part.note(child=child.pid, nvml_lists=seen, same_numbers=child.pid in seen, alive=child.poll() is None)


def held(pid="self"):
    """Return how often a process holds each device file of GPUs, and what it has loaded of the driver."""
    files = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
    counts = Counter(file for file in files if file.startswith("/dev/nvidia"))
    mapped = {line.split()[-1] for line in Path(f"/proc/{pid}/maps").read_text().splitlines()}
    driver = {Path(name).name for name in mapped if re.search(r"/lib(cuda|nvidia)[^/]*\.so", name)}
    return {"files": dict(sorted(counts.items())), "driver": sorted(driver)}


def started(program, *arguments):
    """Run a program to its end and return what it prints."""
    return subprocess.check_output([sys.executable, "-c", program, *arguments])


def burn(seconds=1.5):
    """Use the processor."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(10_000))


def run(part, device, smoke, chip):
    before, meter = held(), Meter()
    if device != "cuda":
        part.note(skipped="no GPU", rungs=[reader.name for reader in meter.readers])
        return
    living = []

    def begin_child():
        living.append(subprocess.Popen([sys.executable, "-c", SHORT.replace("+ 3", "+ 25")]))
        time.sleep(10.0)

    def begin_stranger():
        living.append(int(started(STRANGER, SHORT.replace("+ 3", "+ 20"))))
        time.sleep(8.0)

    row(part, meter, "no use of the GPU", False, burn)
    part.note(held_before=before, held_by_the_meter=held(), torch_imported="torch" in sys.modules)
    importlib.import_module("torch")
    row(part, meter, "torch imported, CUDA not opened", False, burn)
    part.note(held_beside_torch=held())
    row(part, meter, "a child uses it and is gone", True, lambda: started(SHORT))
    row(part, meter, "a living child uses it", True, lambda: time.sleep(2.0), begin_child)
    part.attempt(listed, part, living[0], case="who is listed")
    part.note(held_by_one_that_computes=held(living[0].pid))
    living[0].kill()
    living[0].wait()
    row(part, meter, "a stranger uses it", False, burn, begin_stranger)
    os.kill(living[1], signal.SIGKILL)
