"""A factorisation machine over one-hot bits (arXiv:2507.18003): a quadratic model of few parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    from scipy import optimize
else:
    optimize = lazy("scipy.optimize")

Bits = NDArray[np.int8]
"""Shape (rows, bits)."""
Values = NDArray[np.float64]


@dataclass
class FactorisationMachine:
    """Predicts w_0 + w x + sum_(i<j) <v_i, v_j> x_i x_j.

    Args:
        bias: w_0, shape (1,).
        linear: w, shape (bits,).
        factors: v, shape (bits, rank).
    """

    bias: Values
    linear: Values
    factors: Values

    @classmethod
    def drawn(cls, bits: int, rank: int, rng: np.random.Generator) -> FactorisationMachine:
        """Return one with factors from N(0, 0.1^2) and nothing else."""
        return cls(np.zeros(1), np.zeros(bits), rng.normal(0.0, 0.1, (bits, rank)))

    def predict(self, bits: Bits) -> Values:
        """Return predictions, shape (rows,)."""
        sums = bits @ self.factors
        pairs = (sums**2 - bits @ self.factors**2).sum(axis=1) / 2.0
        return np.asarray(self.bias[0] + bits @ self.linear + pairs)

    def fit(self, bits: Bits, targets: Values, steps: int, decay: float) -> float:
        """Go on from the present parameters by L-BFGS on squared errors; return the mean of the last ones.

        Args:
            bits: shape (rows, bits).
            targets: shape (rows,).
            steps: iterations at most.
            decay: weight of the parameters' squares beside the mean squared error.
        """
        shape = self.factors.shape

        def cost(flat: Values) -> tuple[float, Values]:
            trial = FactorisationMachine._of(flat, shape)
            error = trial.predict(bits) - targets
            slopes = [flat[:1] * 0.0 + 2.0 * error.mean(), *trial._slopes(bits, error)]
            penalty = decay * float((flat[1:] ** 2).sum())
            gradient = np.concatenate([slope.reshape(-1) for slope in slopes])
            gradient[1:] += 2.0 * decay * flat[1:]
            return float((error**2).mean()) + penalty, gradient

        start = np.concatenate([self.bias, self.linear, self.factors.reshape(-1)])
        found = optimize.minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": steps})
        fitted = FactorisationMachine._of(found.x, shape)
        self.bias, self.linear, self.factors = fitted.bias, fitted.linear, fitted.factors
        return float(((self.predict(bits) - targets) ** 2).mean())

    @staticmethod
    def _of(flat: Values, shape: tuple[int, ...]) -> FactorisationMachine:
        count = shape[0]
        return FactorisationMachine(flat[:1], flat[1 : 1 + count], flat[1 + count :].reshape(shape))

    def _slopes(self, bits: Bits, error: Values) -> tuple[Values, Values]:
        """Return the mean squared error's gradient by the linear weights and the factors."""
        weighted = bits * (2.0 * error / len(error))[:, None]
        return (
            weighted.sum(axis=0),
            weighted.T @ (bits @ self.factors) - self.factors * weighted.sum(axis=0)[:, None],
        )

    def quadratic(self, chosen: NDArray[np.int64]) -> tuple[Values, Values]:
        """Return linear (n,) and upper couplings (n, n) of some bits; the others are 0."""
        factors = self.factors[chosen]
        return self.linear[chosen], np.triu(factors @ factors.T, 1)
