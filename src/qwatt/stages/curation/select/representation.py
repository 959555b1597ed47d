"""Representative selection as a quadratic problem: K examples that stand for much and repeat little.

On a graph of similar examples with cosines s, minimise -sum_j c_j x_j + 2 lambda sum_{i<j} s_ij x_i x_j where
sum x = K. c_j = 1 + sum_i s_ij is what j stands for; the pairs take away what two chosen ones share. Up to
lambda K this is the graph cut of data selection (arXiv:2202.10680). With a free number of ones each component
of the graph would be a problem of its own; a fixed number couples them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.language import Vectors
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.problem import Indices

if TYPE_CHECKING:
    from scipy import sparse
else:
    sparse = lazy("scipy.sparse")

_BLOCK = 1_024


@dataclass(frozen=True, eq=False)
class Representation:
    """The problem, of which windows are solved while the rest stays.

    Args:
        similar: cosines of similar examples, symmetric, without a diagonal; shape (examples, examples).
        redundancy: lambda.
        budget: K.
    """

    similar: sparse.csr_array
    redundancy: float
    budget: int

    def __len__(self) -> int:
        return int(self.similar.shape[0])

    @property
    def coverage(self) -> NDArray[np.float64]:
        """What each example stands for, itself included; shape (examples,)."""
        return np.asarray(1.0 + self.similar.sum(axis=1), dtype=np.float64)

    def objective(self, bits: Bits) -> float:
        """Return minus the graph cut of a choice."""
        x = bits.astype(np.float64)
        return float(self.redundancy * (x @ (self.similar @ x)) - self.coverage @ x)

    def window(self, bits: Bits, inside: Indices) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the objective over a window's bits, less a constant: linear (w,) and upper quadratic (w, w).

        Args:
            bits: the choice; outside the window it stays.
            inside: examples of the window, shape (w,).
        """
        rest = bits.astype(np.float64)
        rest[inside] = 0.0
        rows = self.similar[inside]
        linear = 2.0 * self.redundancy * (rows @ rest) - self.coverage[inside]
        return linear, 2.0 * self.redundancy * np.triu(rows[:, inside].toarray(), 1)

    def loss_without(self, chosen: Indices) -> NDArray[np.float64]:
        """Return how much the objective rises when one of the chosen is taken out, shape (chosen,)."""
        x = np.zeros(len(self))
        x[chosen] = 1.0
        shared = 2.0 * self.redundancy * (self.similar @ x)
        return np.asarray((self.coverage - shared)[chosen], dtype=np.float64)

    def neighbourhood(self, bits: Bits, half: int, rng: np.random.Generator) -> Indices:
        """Return a window around a random example: of its most similar ones so many chosen and unchosen.

        Where its neighbours do not suffice, random ones fill up.
        """
        middle = int(rng.integers(len(self)))
        near = self.similar[[middle]].toarray()[0] + 1e-9 * rng.random(len(self))
        near[middle] = 2.0
        parts = [np.flatnonzero(bits == value) for value in (0, 1)]
        return np.sort(np.concatenate([part[np.argsort(-near[part])[:half]] for part in parts]))


def similarity_graph(vectors: Vectors, threshold: float) -> sparse.csr_array:
    """Return the cosines of at least this between unit vectors, each vector's own left out.

    Args:
        vectors: shape (examples, dimensions).
        threshold: least cosine, above 0.
    """
    blocks = []
    for start in range(0, len(vectors), _BLOCK):
        cosines = np.asarray(vectors[start : start + _BLOCK] @ vectors.T, dtype=np.float64)
        cosines[np.arange(len(cosines)), start + np.arange(len(cosines))] = 0.0
        blocks.append(sparse.csr_array(np.where(cosines >= threshold, np.minimum(cosines, 1.0), 0.0)))
    whole = sparse.vstack(blocks, format="csr")
    return sparse.csr_array((whole + whole.T) / 2.0)
