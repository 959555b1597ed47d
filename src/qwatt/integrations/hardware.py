"""What the work ran on, as a model card names it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter


def accelerators(meter: Meter) -> str | None:
    """Return the GPUs that the meter sees, such as "8 x NVIDIA H100 80GB HBM3"; None without any."""
    found: Counter[str] = Counter()
    for reader in meter.readers:
        nvml: Any = getattr(reader, "nvml", None)
        for handle in getattr(reader, "handles", ()) if nvml is not None else ():
            try:
                name = nvml.nvmlDeviceGetName(handle)
            except nvml.NVMLError:
                name = "GPU of unknown name"
            found[name.decode() if isinstance(name, bytes) else str(name)] += 1
    return ", ".join(f"{count} x {name}" for name, count in found.items()) or None
