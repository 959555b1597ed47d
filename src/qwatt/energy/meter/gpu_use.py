"""Whether a process tree uses a GPU: by torch, by NVML's list, by the device files it holds open."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_FILES = ("nvidia-uvm", "kfd")
"""Device files of CUDA and ROCm, which a process opens when it computes."""

_NVML = "libnvidia-ml.so"
_DRIVER = re.compile(r"/(libcuda\.so|libnvidia-|lib[A-Za-z]+_nvidia\.so)")
"""Libraries of the driver: CUDA's, OpenCL's, NVML, Vulkan's; those of a CUDA toolkit are not among them."""


def torch_opened_cuda() -> bool:
    """Whether torch has opened CUDA in this process."""
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.cuda.is_initialized())


def listed(nvml: Any, handles: Iterable[Any]) -> set[int]:
    """Return the processes that NVML lists on GPUs; in a container they may bear the host's numbers."""
    found: set[int] = set()
    for handle in handles:
        try:
            found |= {int(user.pid) for user in nvml.nvmlDeviceGetComputeRunningProcesses(handle)}
        except nvml.NVMLError:
            continue
    return found


def holds_gpu(pids: Iterable[int], dev_root: Path, without_nvml: bool) -> bool:
    """Whether one of the processes has a GPU's compute device open; numbers are right in any container.

    One that only reads NVML, as a meter does, may have it open too (with driver 580 on an H100 a meter that
    computed nothing was charged); it has no other library of the driver.

    Args:
        pids: processes of this user.
        dev_root: where device files are.
        without_nvml: NVML is not loaded, so that WSL's one device file means computing too.
    """
    names = (*_FILES, "dxg") if without_nvml else _FILES
    files = {str(dev_root / name) for name in names}
    return any(not files.isdisjoint(_open_files(pid)) and not _only_reads(pid) for pid in set(pids))


def strangers(pids: Iterable[int]) -> bool:
    """Whether a number is of no process here: whoever lists it numbers processes in another namespace."""
    return any(not _exists(pid) for pid in pids)


def _open_files(pid: int) -> set[str]:
    folder = f"/proc/{pid}/fd"
    found = set()
    try:
        for name in os.listdir(folder):  # noqa: PTH208 (four times as fast as pathlib)
            found.add(os.readlink(f"{folder}/{name}"))  # noqa: PTH115
    except OSError:
        return found  # gone, or not ours
    return found


def _only_reads(pid: int) -> bool:
    """Whether a process has NVML loaded and nothing else of the driver; a doubt counts as computing."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text(errors="replace").splitlines()
    except OSError:
        return False
    ours = [line for line in maps if _DRIVER.search(line)]
    return bool(ours) and all(_NVML in line for line in ours)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
