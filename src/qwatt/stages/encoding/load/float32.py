"""The vectors as they are: what every encoding is compared with."""

from __future__ import annotations

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors


@method
class Float32(LoadMethod):
    """Keep 32-bit floats; compare by one matrix product."""

    name = "float32"
    kind = Kind.CLASSICAL
    sources = ("NumPy matrix product",)

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Keep a copy."""
        with context.phase(Ring.LOADING, "encode"):
            arrays = {"vectors": problem.stored.astype(np.float32, copy=True)}
        return self.code(problem, arrays, 4 * problem.dimensions)

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Multiply."""
        with context.phase(Ring.KERNEL, "compare"):
            return np.asarray(queries @ code.arrays["vectors"].T, dtype=np.float64)

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count a copy."""
        return Effort(work={"elementwise": float(problem.stored.size)})

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Count the product, and its conversion to double precision."""
        pairs = float(queries * len(problem.stored))
        return Effort(work={"gemm_flop": 2.0 * problem.stored.size * queries, "elementwise": 4.0 * pairs})
