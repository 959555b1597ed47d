"""Matching as a quadratic problem: a choice whose mean feature is that of the pool.

With features phi_i of mean 0 and K to choose, minimise |sum_i x_i phi_i / K|^2 where sum_i x_i = K. With
gradients as features the choice pulls a model where the pool does (arXiv:1906.01827, arXiv:2103.00123); with
embeddings it is the maximum mean discrepancy of a linear kernel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.select.problem import Features, Indices

Bits = NDArray[np.int8]


@dataclass(frozen=True)
class Matching:
    """The problem, of which windows are solved while the rest stays.

    Args:
        features: of the pool, mean 0; shape (examples, features).
        budget: K.
    """

    features: Features
    budget: int

    def __len__(self) -> int:
        return len(self.features)

    def objective(self, bits: Bits) -> float:
        """Return the squared distance of the choice's mean feature from the pool's."""
        return float(((bits @ self.features / self.budget) ** 2).sum())

    def window(self, bits: Bits, inside: Indices) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the objective over a window's bits, less a constant: linear (w,) and upper quadratic (w, w).

        Args:
            bits: the choice; outside the window it stays.
            inside: examples of the window, shape (w,).
        """
        rest = bits.copy()
        rest[inside] = 0
        own = self.features[inside] / self.budget
        products = own @ own.T
        linear = 2.0 * own @ (rest @ self.features / self.budget) + products.diagonal()
        return linear, 2.0 * np.triu(products, 1)

    def loss_without(self, chosen: Indices) -> NDArray[np.float64]:
        """Return how much the objective rises when one of the chosen is taken out, shape (chosen,)."""
        own = self.features[chosen] / self.budget
        return np.asarray((own**2).sum(axis=1) - 2.0 * own @ own.sum(axis=0))
