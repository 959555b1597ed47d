"""Distance of second moments: what a fidelity kernel of amplitude-encoded texts measures, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.discrepancy import KernelDetector, gram_effort
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows


@method
class SecondMoments(KernelDetector):
    """Squared Frobenius distance of the mean x x^T of unit vectors, without its bias.

    It is the discrepancy of the kernel (x . y)^2, which is |<x|y>|^2 of amplitude encodings.
    """

    name = "second-moments"
    kind = Kind.CLASSICAL
    sources = ("JMLR 13:723",)

    def gram(self, rows: Rows, settings: Settings) -> NDArray[np.float64]:
        """Return the squared cosines of all texts of both."""
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = rows / np.where(lengths > 0, lengths, 1.0)
        return np.asarray((unit @ unit.T) ** 2)

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the inner products and the permutations."""
        return gram_effort(2 * problem.window, problem.embedding.dimensions)
