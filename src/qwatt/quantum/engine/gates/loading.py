"""When the compiled loops are loaded: once a process has spent on small gradients what loading them takes.

Importing numba and the kernels of the disk cache takes 0.6 CPU seconds; compiling them, once a machine and
precision, five more. Neither is to hit who makes a few calls, so they are counted.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, Literal

from qwatt.core.errors import MissingExtraError

Gates = Literal["arrays", "auto", "compiled"]
"""How small circuits run: by array operations; by compiled loops as soon as these repay; by these alone."""

EXTRA = "fast"
NEVER = "QWATT_COMPILED_GATES"
"""Environment variable; at "never" nothing is loaded on its own account."""
REPAID = 4_000
"""Loads a process's kernels: so many gradients of networks, or a tenth of other circuits, cost as much."""
REPAID_COMPILING = 10 * REPAID
"""The same where they have to be compiled first."""


class _Kernels:
    """The module of compiled loops, once it is loaded, and what has been spent without it."""

    def __init__(self) -> None:
        self.module: ModuleType | None = None
        self._lock = Lock()
        self._spent = 0
        self._loads_at: float = REPAID

    def spend(self, amount: int) -> ModuleType | None:
        """Count a gradient without the kernels; return them as soon as they repay."""
        self._spent += amount
        if self._spent >= self._loads_at:
            with self._lock:
                self._load_if_repaid()
        return self.module

    def load(self) -> ModuleType:
        """Return the kernels; they are read from the disk, or compiled, when first called.

        Raises:
            MissingExtraError: numba is not installed.
        """
        if self.module is None:
            if not _installed():
                raise MissingExtraError("gates=compiled", EXTRA, ["numba"])
            from qwatt.quantum.engine.gates import kernels

            self.module = kernels
        return self.module

    def _load_if_repaid(self) -> None:
        if self.module is not None or not _may_load():
            self._loads_at = float("inf")
        elif self._spent >= REPAID_COMPILING or _on_disk():
            self.load()
        else:
            self._loads_at = REPAID_COMPILING


KERNELS = _Kernels()


@cache
def _installed() -> bool:
    return find_spec("numba") is not None


def _may_load() -> bool:
    return _installed() and os.environ.get(NEVER) != "never"


def _on_disk() -> bool:
    """Return whether an earlier process has left its kernels in numba's cache."""
    from qwatt.quantum.engine.gates import kernels

    backward: Any = kernels.backward
    return any(Path(backward.stats.cache_path).glob("kernels.backward-*.nbc"))
