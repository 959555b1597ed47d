"""One bit a hyperplane: on which side of it a vector lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors


@method
class Binary(LoadMethod):
    """Signs of projections on random directions; two vectors differ in angle / pi of them.

    The directions are drawn again from the seed when a query comes, so that only bits are kept.
    """

    name = "binary"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1145/509907.509965 (random hyperplanes)",)
    space = {"bits_per_dimension": (1, 4, 16)}
    limits: ClassVar[Mapping[str, Limit]] = {"bits_per_dimension": (1, 1_000)}

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Project and keep the signs, eight a byte."""
        dimensions = problem.dimensions
        planes, seed = int(settings["bits_per_dimension"]) * dimensions, context.seed
        with context.phase(Ring.LOADING, "encode"):
            arrays = {"signs": signs(problem.stored, planes, seed)}
        return self.code(problem, arrays, arrays["signs"].shape[1], planes=planes, seed=seed)

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Return the cosine of the angle that the differing bits stand for."""
        planes = int(code.config["planes"])
        with context.phase(Ring.KERNEL, "compare"):
            asked = signs(queries, planes, int(code.config["seed"]))
            kept = code.arrays["signs"]
            differing = np.array([np.bitwise_count(kept ^ row).sum(axis=1, dtype=np.int64) for row in asked])
            return np.asarray(np.cos(np.pi * differing / planes))

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count drawing the directions and the projections."""
        planes = int(settings["bits_per_dimension"]) * problem.dimensions
        drawn = 20.0 * problem.dimensions * planes
        return Effort(work={"gemm_flop": 2.0 * problem.stored.size * planes, "elementwise": drawn})

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Count drawing the directions, the queries' projections, and a byte's bits a pair."""
        dimensions = problem.dimensions
        planes = int(settings["bits_per_dimension"]) * dimensions
        pairs = queries * len(problem.stored)
        drawn, differing = 20.0 * dimensions * planes, pairs * planes / 8
        return Effort(
            work={"gemm_flop": 2.0 * queries * dimensions * planes, "elementwise": drawn + differing}
        )


def signs(vectors: Vectors, planes: int, seed: int) -> NDArray[np.uint8]:
    """Return on which side of random hyperplanes vectors lie, shape (vectors, ceil(planes / 8))."""
    normals = np.random.default_rng([seed, 11]).standard_normal((vectors.shape[1], planes), dtype=np.float32)
    return np.packbits(vectors @ normals > 0, axis=1)
