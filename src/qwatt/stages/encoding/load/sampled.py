"""The dequantised twin of amplitude encoding: sample coordinates by their squares, on a CPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors

_SAMPLES = 1000


@method
class Sampled(LoadMethod):
    """Draw j with probability x_j^2 and average y_j / x_j.

    Its mean is <x, y> and its variance 1 - <x, y>^2: sample for shot exactly that of an interference test on
    loaded amplitudes. What loading and interfering states adds to it is nothing.
    """

    name = "sampled"
    kind = Kind.INSPIRED
    sources = ("arXiv:1807.04271 proposition 4.2",)
    space = {"repetitions": (1, 4, 16, 64, 256, 1024)}
    limits: ClassVar[Mapping[str, Limit]] = {"repetitions": (1, 100_000)}
    assumes: ClassVar[str] = "as many samples as the study has shots, or 1,000, times the repetitions"

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Keep the vectors; sampling takes their squares."""
        samples = int(settings["repetitions"]) * (context.shots or _SAMPLES)
        with context.phase(Ring.LOADING, "encode"):
            arrays = {"vectors": problem.stored.astype(np.float32, copy=True)}
        return self.code(problem, arrays, 8 * samples, samples=samples)

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Draw how often each coordinate is sampled, for every pair anew."""
        vectors, samples = code.arrays["vectors"].astype(np.float64), int(code.config["samples"])
        with context.phase(Ring.KERNEL, "compare"):
            chances = vectors**2 / (vectors**2).sum(axis=1, keepdims=True)
            inverse = np.divide(1.0, vectors, out=np.zeros_like(vectors), where=vectors != 0)
            drawn = (context.rng.multinomial(samples, chances) for _ in queries)
            rows = [(counts * inverse) @ query for counts, query in zip(drawn, queries, strict=True)]
        return np.array(rows) / samples

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count nothing: a copy has no arithmetic."""
        return Effort()

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Count a binomial number a coordinate and pair."""
        return Effort(work={"random_draw": float(queries * problem.stored.size)})
