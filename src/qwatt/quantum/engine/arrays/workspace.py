"""Workspace: large buffers that outlive a call, because fresh memory costs a page fault every 4 KiB.

A QNN step on 12 wires and 256 samples spends as long in page faults as in arithmetic when every state is
allocated anew. One buffer a thread and device is kept for the next call.
"""

from __future__ import annotations

import threading

import torch
from torch import Tensor

KEPT_BYTES = 512 * 2**20
"""A larger buffer goes back to the system after use."""


class Workspace:
    """Lends one flat buffer at a time; safe to ask from several threads or nested calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: dict[tuple[torch.dtype, torch.device], Tensor] = {}

    def take(self, count: int, like: Tensor) -> Tensor:
        """Return an uninitialised buffer of at least `count` numbers of the dtype and device of `like`."""
        with self._lock:
            kept = self._free.pop((like.dtype, like.device), None)
        if kept is not None and kept.numel() >= count:
            return kept
        return torch.empty(count, dtype=like.dtype, device=like.device)

    def give(self, buffer: Tensor) -> None:
        """Hand a buffer back; the largest one of its dtype and device is kept."""
        if buffer.numel() * buffer.element_size() > KEPT_BYTES:
            return
        key = (buffer.dtype, buffer.device)
        with self._lock:
            if key not in self._free or self._free[key].numel() < buffer.numel():
                self._free[key] = buffer


class Lease:
    """Holds a buffer and hands it back when the holder is forgotten."""

    def __init__(self, workspace: Workspace, count: int, like: Tensor) -> None:
        self._workspace = workspace
        self.buffer = workspace.take(count, like)

    def __del__(self) -> None:
        self._workspace.give(self.buffer)


WORKSPACE = Workspace()
