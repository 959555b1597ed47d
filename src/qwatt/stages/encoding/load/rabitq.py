"""RaBitQ: a few bits a dimension after a random rotation, with an unbiased estimate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.faiss_index import FaissMethod, index_bytes
from qwatt.stages.encoding.load.problem import LoadProblem
from qwatt.stages.encoding.load.random_projection import rotation_work

if TYPE_CHECKING:
    import faiss
else:
    faiss = lazy("faiss")

_ROUNDING, _PRODUCT = 250.0, 10.0
"""Elementwise values that rounding a number, its neighbours tried, and multiplying it take as long as."""


@method
class RabitQ(FaissMethod):
    """Rotate at random, keep the sides and, with more bits, how far along them."""

    name = "rabitq"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2405.12497", "arXiv:2409.09913 (more bits)", "arXiv:2401.08281 (faiss)")
    space = {"bits": (4, 1, 2, 6, 8)}
    limits: ClassVar[Mapping[str, Limit]] = {"bits": (1, 9)}

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Rotate and round."""
        dimensions, bits = problem.dimensions, int(settings["bits"])
        with context.phase(Ring.LOADING, "encode"):
            rotation = faiss.RandomRotationMatrix(dimensions, dimensions)
            rotation.init(1 + context.seed)
            rounding = faiss.IndexRaBitQ(dimensions, faiss.METRIC_INNER_PRODUCT, bits)
            rounding.qb = 0  # queries stay as they are
            index = faiss.IndexPreTransform(rotation, rounding)
            stored = np.ascontiguousarray(problem.stored)
            index.train(stored)
            index.add(stored)
            arrays = {"index": index_bytes(index)}
        return self.code(problem, arrays, index.sa_code_size(), bits=bits)

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the rotation's decomposition and the rotation."""
        dimensions, numbers = problem.dimensions, float(problem.stored.size)
        work = rotation_work(dimensions, dimensions) | {"gemm_flop": 2.0 * numbers * dimensions}
        return Effort(work=work | {"elementwise": _ROUNDING * numbers})

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Count the queries' rotation, and a product that takes its bits apart."""
        rotated = 2.0 * queries * problem.dimensions**2
        return Effort(work={"gemm_flop": rotated, "elementwise": _PRODUCT * queries * problem.stored.size})
