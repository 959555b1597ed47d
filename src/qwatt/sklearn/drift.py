"""A detector of drift on the code of `monitoring/drift`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from qwatt.core.threads import one_thread
from qwatt.sklearn.estimator import BACKEND, CircuitEstimator, Samples
from qwatt.stages.monitoring.drift.components import Components
from qwatt.stages.monitoring.drift.kernel_mmd import KernelMmd
from qwatt.stages.monitoring.drift.permutation import labels, p_value

_LEAST_WIRES = 3
"""Of a ring; what has fewer components gets idle qubits."""


@dataclass(frozen=True)
class DriftTest:
    """What a test of a window found.

    Args:
        statistic: squared maximum mean discrepancy, unbiased.
        p_value: share of permutations whose statistic is as large.
        drift: whether the p-value is `alpha` or less.
    """

    statistic: float
    p_value: float
    drift: bool


class MmdDriftDetector(CircuitEstimator):
    """Maximum mean discrepancy with a fidelity kernel, calibrated by permutation (arXiv:2503.05602).

    Half of the reference, drawn at random, gives the components that the circuits take; a window is compared
    with as many samples of the other half, so that samples like the reference's are exchangeable with them.

    Args:
        wires: qubits, one a component.
        bandwidth: what the components are multiplied by.
        alpha: rate of false alarms.
        shots: of each kernel value; None for exact values.
        backend: where the circuits run.
        random_state: of the halves, the permutations and the shots.
    """

    def __init__(
        self,
        wires: int = 8,
        bandwidth: float = 0.3,
        alpha: float = 0.05,
        shots: int | None = None,
        backend: str = BACKEND,
        random_state: Any = None,
    ) -> None:
        self.wires = wires
        self.bandwidth = bandwidth
        self.alpha = alpha
        self.shots = shots
        self.backend = backend
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Take samples, shape (samples, features), as the reference."""
        rows = self._fitting(X, least=4)
        rows = rows[np.random.default_rng(self.seed_).permutation(len(rows))]
        half = len(rows) // 2
        self.components_ = Components.of(rows[:half], self.wires)
        self.reference_ = self._angles(rows[half:])
        return self

    def test(self, X: Any) -> DriftTest:
        """Compare a window of samples with the reference.

        Raises:
            ValueError: fewer than 2 samples, or more than half of the reference.
        """
        check_is_fitted(self)
        window, context = self._angles(self._new(X)), self._context()
        if not 2 <= len(window) <= len(self.reference_):
            raise ValueError(f"a window has 2 to {len(self.reference_)} samples, not {len(window)}")
        drawn = self.reference_[context.rng.permutation(len(self.reference_))[: len(window)]]
        method, settings = KernelMmd(), {"bandwidth": self.bandwidth, "components": self.wires}
        with one_thread():
            (gram,) = method.compared([np.concatenate([drawn, window])], settings, context)
            found = method.statistics(gram, labels(len(gram), context.rng), settings)
        value = p_value(found)
        return DriftTest(float(found[0]), value, value <= self.alpha)

    def _angles(self, rows: Samples) -> Samples:
        angles = self.bandwidth * self.components_.coordinates(rows)
        idle = max(0, _LEAST_WIRES - angles.shape[1])
        return np.pad(angles, ((0, 0), (0, idle)))
