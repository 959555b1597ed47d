"""LoRA that begins with factors found from sampled rows and columns: the dequantised decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.principal import Factors, PrincipalMethod, balanced
from qwatt.stages.tuning.adapt.settings import Setup

_SAMPLES = 4
"""Sampled rows and columns a factor: Tang's bounds would ask for more than there are (arXiv:1905.10415)."""


@method
class SampledSvd(PrincipalMethod):
    """Frieze, Kannan and Vempala: rows drawn by their lengths, columns of these by theirs, decomposed.

    What a quantum recommendation system was dequantised to (arXiv:1807.04271); left vectors are the matrix'
    product with the right ones.
    """

    name = "sampled-svd"
    kind = Kind.INSPIRED
    sources = ("doi:10.1145/1039488.1039494", "arXiv:1807.04271", "arXiv:1905.10415")
    companions = ("randomised-svd", "pissa", "lora")

    def factors(self, setup: Setup, context: Context) -> tuple[list[Factors], dict[str, Any]]:
        """Sample every matrix."""
        subject, rng = setup.pretrained, np.random.default_rng([context.seed, 22])
        found = []
        for matrix in subject.matrices:
            weight = subject.weight(matrix).double().numpy()
            found.append(sampled_factors(weight, setup.rank, _SAMPLES * setup.rank, rng))
        return found, {}

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Add the lengths of all rows, the small decomposition and the products with its vectors."""
        samples = _SAMPLES * setup.rank
        flops = sum(
            2.0 * m.rows * m.columns * (1 + setup.rank)
            + 14.0 * samples**3
            + 2.0 * samples * m.columns * setup.rank
            for m in setup.pretrained.matrices
        )
        return super().adapter_effort(setup, shots) + Effort(work={"gemm_flop": flops})


def sampled_factors(
    weight: NDArray[np.float64], rank: int, samples: int, rng: np.random.Generator
) -> Factors:
    """Return about the principal factors of a matrix from so many of its rows and columns.

    Args:
        weight: shape (rows, columns).
        rank: number of factors.
        samples: rows, and columns of them, with replacement; no fewer than the rank.
        rng: draws them.
    """
    squares = np.square(weight).sum(axis=1)
    chances = squares / squares.sum()
    rows = rng.choice(len(weight), samples, p=chances)
    sketch = weight[rows] / np.sqrt(samples * chances[rows])[:, None]
    squares = np.square(sketch).sum(axis=0)
    shares = squares / squares.sum()
    columns = rng.choice(weight.shape[1], samples, p=shares)
    core = sketch[:, columns] / np.sqrt(samples * shares[columns])
    left, values, _ = np.linalg.svd(core)
    kept = values[:rank] > 1e-9 * values[0]
    right = np.where(kept, (sketch.T @ left[:, :rank]) / np.where(kept, values[:rank], 1.0), 0.0)
    right, _ = np.linalg.qr(right)
    up, size, down = np.linalg.svd(weight @ right, full_matrices=False)
    return balanced(up, size, right @ down.T)
