"""Whether a process tree uses a GPU: by torch, by NVML's list, by how many device files it holds open."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_FILES = re.compile(r"nvidia-uvm|nvidia[0-9]+|kfd")
"""Device files that CUDA and ROCm open when they compute."""

_WSL = re.compile(r"nvidia-uvm|nvidia[0-9]+|kfd|dxg")
"""The same where NVML is not loaded, so that WSL's one device file means computing too."""


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


def holds_gpu(pids: Iterable[int], dev_root: Path, without_nvml: bool, by_nvml: int = 0) -> bool:
    """Whether one of the processes holds device files of GPUs; numbers are right in any container.

    One that only reads NVML, as a meter does, may hold some too: with driver 580 on an H100 it opens the
    compute device and loads libcuda, as if it computed. Computing opens more.

    Args:
        pids: processes of this user.
        dev_root: where device files are.
        without_nvml: NVML is not loaded.
        by_nvml: how many of them NVML alone holds here; more means computing.
    """
    names = _WSL if without_nvml else _FILES
    return any(_held(pid, dev_root, names) > by_nvml for pid in set(pids))


def held_here(dev_root: Path) -> int:
    """Return how many device files of GPUs this process holds open."""
    return _held(os.getpid(), dev_root, _FILES)


def strangers(pids: Iterable[int]) -> bool:
    """Whether a number is of no process here: whoever lists it numbers processes in another namespace."""
    return any(not _exists(pid) for pid in pids)


def _held(pid: int, dev_root: Path, names: re.Pattern[str]) -> int:
    folder, root, found = f"/proc/{pid}/fd", f"{dev_root}/", 0
    try:
        for name in os.listdir(folder):  # noqa: PTH208 (four times as fast as pathlib)
            file = os.readlink(f"{folder}/{name}")  # noqa: PTH115
            found += file.startswith(root) and bool(names.fullmatch(file, len(root)))
    except OSError:
        return found  # gone, or not ours
    return found


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
