"""Is a kernel's bandwidth of any use? How much its entries differ, beside what shots tell (2208.11060)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.quantum.primitives.bill import BILL_SHOTS


@dataclass(frozen=True)
class Concentration:
    """Entries of kernel matrices off the diagonal.

    Args:
        mean: of them.
        spread: their standard deviation, less the variance that shots add.
        resolution: 1 / sqrt(shots), what a measured entry can tell.
    """

    mean: float
    spread: float
    resolution: float

    @classmethod
    def of(cls, grams: Sequence[NDArray[np.float64]], shots: int | None) -> Concentration:
        """Find it of measured kernels, or of exact ones, whose shots are those that a bill would assume."""
        entries = np.concatenate([gram[np.triu_indices(len(gram), 1)] for gram in grams])
        noise = 0.0 if shots is None else float((entries * (1.0 - entries)).mean()) / max(1, shots - 1)
        spread = np.sqrt(max(0.0, float(entries.var()) - noise))
        return cls(float(entries.mean()), float(spread), float((shots or BILL_SHOTS) ** -0.5))

    @property
    def blind(self) -> bool:
        """Whether the entries differ by less than shots can tell."""
        return self.spread < self.resolution

    def said(self, bandwidth: float) -> str:
        """Say what is wrong with a bandwidth, and the mend."""
        far, mend = ("alike", "widen") if self.mean > 0.5 else ("far apart", "narrow")
        return (
            f"bandwidth {bandwidth:g} is untuned: all texts are {far}, the kernel's entries differ by "
            f"{self.spread:.2g} and shots tell {self.resolution:.2g} ({mend} it: --set bandwidth="
            f"{bandwidth * (3.0 if self.mean > 0.5 else 1 / 3.0):.2g})"
        )

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kernel_mean": self.mean,
            "kernel_spread": self.spread,
            "shot_resolution": self.resolution,
            "bandwidth_untuned": self.blind,
        }
