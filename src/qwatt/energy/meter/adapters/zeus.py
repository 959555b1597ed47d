"""Zeus beside the own meter; its total of 0 J on a machine without a GPU becomes unknown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from qwatt.core.errors import MissingExtraError, QwattError
from qwatt.core.quantity import Basis, Boundary, Quantity, total


@dataclass
class ZeusWindow:
    """Zeus's figures, once its block has ended.

    Args:
        result: Zeus's own measurement (`time`, `gpu_energy`, `cpu_energy`, `dram_energy`), None while open.
    """

    result: Any = None

    @property
    def energy(self) -> Quantity:
        """Joules of the GPUs, packages and memories that Zeus reads; unknown when it reads none.

        Zeus's own total adds up GPUs alone and says 0 where there are none.
        """
        if self.result is None:
            raise QwattError("the Zeus window is still open", mend="read it after its `with` block")
        gpus, packages, memories = (
            dict(getattr(self.result, part, None) or {})
            for part in ("gpu_energy", "cpu_energy", "dram_energy")
        )
        parts = [_joules(joules, Basis.MEASURED_NVML) for joules in gpus.values()]
        parts += [_joules(joules, Basis.MEASURED_RAPL) for joules in (*packages.values(), *memories.values())]
        if not parts:
            return Quantity.unknown("Zeus reads no GPU and no RAPL here", boundary=Boundary.DEVICE)
        return total(parts)


@contextmanager
def zeus_window(name: str = "qwatt") -> Iterator[ZeusWindow]:
    """Track a block with a `ZeusMonitor`.

    Raises:
        MissingExtraError: Zeus is not installed.
    """
    try:
        from zeus.monitor import ZeusMonitor
    except ImportError as error:
        raise MissingExtraError("the Zeus cross-check", "zeus") from error
    monitor = ZeusMonitor()
    window = ZeusWindow()
    monitor.begin_window(name)
    try:
        yield window
    finally:
        window.result = monitor.end_window(name)


def _joules(joules: float, basis: Basis) -> Quantity:
    return Quantity(float(joules), unit="J", basis=basis, boundary=Boundary.DEVICE, reason="Zeus")
