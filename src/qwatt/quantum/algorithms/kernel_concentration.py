"""Is a bandwidth of any use? How much a kernel's values differ, beside what shots tell (arXiv:2208.11060)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.quantum.primitives.bill import BILL_SHOTS


@dataclass(frozen=True)
class Concentration:
    """Values of kernel matrices off the diagonal.

    A kernel whose values differ by less than 1 / sqrt(shots) is concentrated: its bandwidth is too large, all
    values being near 0, or too small, all being near 1.

    Args:
        mean: of them.
        deviation: standard, less what shots add: k (1 - k) / shots on average.
        shot_error: 1 / sqrt(shots), what a measured value can tell.
    """

    mean: float
    deviation: float
    shot_error: float

    @classmethod
    def of(cls, grams: Sequence[NDArray[np.float64]], shots: int | None) -> Concentration:
        """Find it of kernels, each (rows, rows); of exact ones with the shots that they are billed at."""
        values = np.concatenate([gram[np.triu_indices(len(gram), 1)] for gram in grams])
        noise = 0.0 if shots is None else float((values * (1.0 - values)).mean()) / max(1, shots - 1)
        deviation = np.sqrt(max(0.0, float(values.var()) - noise))
        return cls(float(values.mean()), float(deviation), float((shots or BILL_SHOTS) ** -0.5))

    @property
    def concentrated(self) -> bool:
        """Whether the values differ by less than shots can tell."""
        return self.deviation < self.shot_error

    def said(self, bandwidth: float) -> str:
        """Say what is wrong with a bandwidth, and the mend."""
        far, mend = ("alike", "widen") if self.mean > 0.5 else ("far apart", "narrow")
        return (
            f"bandwidth {bandwidth:g} is untuned: to this kernel all texts are {far}, its entries differ by "
            f"{self.deviation:.2g}, less than the {self.shot_error:.2g} that shots can tell ({mend} it: "
            f"--set bandwidth={bandwidth * (3.0 if self.mean > 0.5 else 1 / 3.0):.2g})"
        )

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kernel_mean": self.mean,
            "kernel_deviation": self.deviation,
            "shot_error": self.shot_error,
            "concentrated": self.concentrated,
        }
