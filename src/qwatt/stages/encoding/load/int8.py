"""One byte a number."""

from __future__ import annotations

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors
from qwatt.stages.encoding.load.scalar import products, products_effort, quantised, quantised_effort


@method
class Int8(LoadMethod):
    """Round each number to a byte with a scale for each vector; queries stay as they are."""

    name = "int8"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1712.05877 (symmetric, one scale a row)",)

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Scale and round."""
        with context.phase(Ring.LOADING, "encode"):
            arrays = quantised(problem.stored)
        return self.code(problem, arrays, problem.dimensions + 4)

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Multiply; the bytes become floats on the way, as this processor's libraries have it."""
        with context.phase(Ring.KERNEL, "compare"):
            return products(queries, code.arrays)

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the rounding."""
        return quantised_effort(problem.stored.size)

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Count the product and the conversion."""
        return products_effort(queries, problem.stored.size)
