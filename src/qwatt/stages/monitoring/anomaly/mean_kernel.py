"""The mean kernel that amplitude estimation reads, computed: exactly, or from random references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.closed_forms import amplitude_kernel
from qwatt.stages.monitoring.anomaly.amplitude_estimated import mean_overlaps
from qwatt.stages.monitoring.anomaly.kernel_svm_amplitude import raised
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Arrays, Fitted, Rows, Scores

_BLOCK = 256


@method
class MeanKernel(AnomalyMethod):
    """1 - mean_i cos^2(x, x_i) over the first clean texts, or over all of them for 0 references."""

    name = "mean-kernel"
    kind = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("Parzen 1962, closed form of the fidelity kernel",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"lift": (0.0, 0.5, 1.0), "references": (0, 64, 16)}

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Keep the references."""
        return Fitted({"references": rows[: int(settings["references"]) or None]})

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Return the means, taken from 1."""
        return 1.0 - mean_overlaps(arrays["references"], rows, float(settings["lift"]))

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Nothing is computed."""
        return Effort()

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Count a product with each reference."""
        count = min(int(settings["references"]) or shape[0], shape[0])
        return Effort(work={"gemm_flop": 2.0 * rows * count * shape[1]})


@method
class SampledKernel(AnomalyMethod):
    """The mean over so many clean texts drawn at random for each text: its error is 1 / (2 sqrt(samples))."""

    name = "sampled-kernel"
    kind = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("Monte Carlo, what amplitude estimation is compared with",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"lift": (0.0, 0.5, 1.0), "samples": (64, 16, 256)}
    limits: ClassVar[Mapping[str, Limit]] = {"samples": (1, 100_000)}

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Keep all clean rows."""
        return Fitted({"references": rows})

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Return the means over samples, taken from 1."""
        references, found = raised(arrays["references"], float(settings["lift"])), [np.zeros(0)]
        lifted = raised(rows, float(settings["lift"]))
        for start in range(0, len(rows), _BLOCK):
            part = lifted[start : start + _BLOCK]
            drawn = context.rng.integers(len(references), size=(len(part), int(settings["samples"])))
            overlaps = amplitude_kernel(part, references)  # as many products as a block shares references
            found.append(1.0 - np.take_along_axis(overlaps, drawn, axis=1).mean(axis=1))
        return np.concatenate(found)

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Nothing is computed."""
        return Effort()

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Count the products of a block with all references, which is faster than gathering samples."""
        return Effort(work={"gemm_flop": 2.0 * rows * shape[0] * shape[1]})
