"""When the compiled loops are loaded: once a process has spent on small gradients what loading them takes.

Importing numba and the kernels of the disk cache takes 0.6 CPU seconds; compiling them, once a machine and
precision, five more. Neither is to hit who makes a few calls, so they are counted.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from threading import Lock
from types import ModuleType
from typing import Literal

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
    """The module of compiled loops for each real dtype, once loaded, and what has been spent without it."""

    def __init__(self) -> None:
        self.loaded: dict[str, ModuleType] = {}
        self._lock = Lock()
        self._spent: dict[str, int] = {}
        self._loads_at: dict[str, float] = {}

    def spend(self, amount: int, real: str) -> ModuleType | None:
        """Count a gradient without the kernels of a dtype; return them as soon as they repay."""
        spent = self._spent[real] = self._spent.get(real, 0) + amount
        if spent >= self._loads_at.get(real, REPAID):
            with self._lock:
                self._load_if_repaid(real, spent)
        return self.loaded.get(real)

    def load(self, real: str) -> ModuleType:
        """Return the kernels of a dtype; they are read from the disk, or compiled, when first asked for.

        Raises:
            MissingExtraError: numba is not installed.
        """
        if real not in self.loaded:
            if not _installed():
                raise MissingExtraError("gates=compiled", EXTRA, ["numba"])
            from qwatt.quantum.engine.gates import kernels
            from qwatt.quantum.engine.gates.cached import warm

            warm(real)
            self.loaded[real] = kernels
        return self.loaded[real]

    def _load_if_repaid(self, real: str, spent: int) -> None:
        if real in self.loaded or not _may_load():
            self._loads_at[real] = float("inf")
        elif spent >= REPAID_COMPILING or _on_disk(real):
            self.load(real)
        else:
            self._loads_at[real] = REPAID_COMPILING


KERNELS = _Kernels()


@cache
def _installed() -> bool:
    return find_spec("numba") is not None


def _may_load() -> bool:
    return _installed() and os.environ.get(NEVER) != "never"


def _on_disk(real: str) -> bool:
    """Return whether an earlier process has left its kernels of a dtype in numba's cache."""
    from qwatt.quantum.engine.gates.cached import mark

    return mark(real).exists()
