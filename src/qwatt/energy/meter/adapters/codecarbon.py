"""CodeCarbon beside the own meter: offline, process mode, with given watts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from qwatt.core.errors import MissingExtraError, QwattError
from qwatt.core.quantity import J_PER_KWH, Basis, Boundary, Quantity


@dataclass
class CodeCarbonWindow:
    """CodeCarbon's figures, once its block has ended.

    Args:
        cpu_kwh: processor, or None while the window is open.
        ram_kwh: memory, or None while the window is open.
    """

    cpu_kwh: float | None = None
    ram_kwh: float | None = None

    @property
    def cpu_energy(self) -> Quantity:
        """Joules of the processor: given watts x the process's share of CPU time; without reaped children."""
        return _joules(self.cpu_kwh, Basis.ESTIMATED_CPU_TIME)

    @property
    def ram_energy(self) -> Quantity:
        """Joules of the memory: given watts x time."""
        return _joules(self.ram_kwh, Basis.ESTIMATED_RSS)


@contextmanager
def codecarbon_window(
    cpu_power_w: float, ram_power_w: float, country: str = "FRA"
) -> Iterator[CodeCarbonWindow]:
    """Track a block with CodeCarbon's offline tracker in process mode; writes no file, opens no socket.

    Args:
        cpu_power_w: W of the whole processor at full load; CodeCarbon has no reading of it in a VM.
        ram_power_w: W of the memory.
        country: ISO code for its carbon figure, which is not used here.

    Raises:
        MissingExtraError: CodeCarbon is not installed.
    """
    try:
        from codecarbon import OfflineEmissionsTracker
    except ImportError as error:
        raise MissingExtraError("the CodeCarbon cross-check", "codecarbon") from error
    with warnings.catch_warnings():
        # `save_to_file` is deprecated since 3.3, but what replaces it is unknown to 3.0.
        warnings.simplefilter("ignore", DeprecationWarning)
        tracker = OfflineEmissionsTracker(
            country_iso_code=country,
            tracking_mode="process",
            save_to_file=False,
            force_cpu_power=cpu_power_w,
            force_ram_power=ram_power_w,
            log_level="critical",
            allow_multiple_runs=True,
        )
    window = CodeCarbonWindow()
    tracker.start()
    try:
        yield window
    finally:
        tracker.stop()
        data = tracker.final_emissions_data
        window.cpu_kwh, window.ram_kwh = float(data.cpu_energy), float(data.ram_energy)


def _joules(kwh: float | None, basis: Basis) -> Quantity:
    if kwh is None:
        raise QwattError("the CodeCarbon window is still open", mend="read it after its `with` block")
    return Quantity(kwh * J_PER_KWH, unit="J", basis=basis, boundary=Boundary.NODE, reason="CodeCarbon")
