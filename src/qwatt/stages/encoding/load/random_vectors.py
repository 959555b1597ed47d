"""Control: random vectors in the place of the stored ones, of the same size."""

from __future__ import annotations

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.int8 import Int8
from qwatt.stages.encoding.load.problem import LoadProblem
from qwatt.stages.encoding.load.scalar import quantised, quantised_effort


@method
class RandomVectors(Int8):
    """As many bytes as int8 keeps, and nothing of the vectors in them: what chance finds."""

    name = "random-vectors"
    kind = Kind.CONTROL
    sources = ("the uniform distribution on the sphere",)

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Draw unit vectors and quantise them."""
        with context.phase(Ring.LOADING, "encode"):
            drawn = context.rng.normal(size=problem.stored.shape)
            arrays = quantised(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
        return self.code(problem, arrays, problem.dimensions + 4)

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count a normal number and its rounding in double precision."""
        numbers = float(problem.stored.size)
        return Effort(work={"elementwise": 40.0 * numbers}) + quantised_effort(2.0 * numbers)
