"""Product quantisation: each piece of a vector as the nearest of a few centroids."""

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

if TYPE_CHECKING:
    import faiss
else:
    faiss = lazy("faiss")

_DISTANCE = 1.8
"""Elementwise values that a distance of a short piece takes as long as."""
_LOOKUP = 1.0
"""The same of a table's entry that is looked up and added."""
_STEPS = 25
"""Steps of k-means that faiss takes."""


@method
class ProductQuantisation(FaissMethod):
    """Centroids by k-means in every subspace; inner products by tables of the query's with the centroids."""

    name = "pq"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1109/TPAMI.2010.57", "arXiv:2401.08281 (faiss)")
    space = {"pieces": (192, 96, 48), "bits": (8, 4)}
    limits: ClassVar[Mapping[str, Limit]] = {"bits": (1, 12)}

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Train the centroids on the stored vectors and encode these."""
        pieces, bits = shape_of(problem, settings)
        with context.phase(Ring.LOADING, "encode"):
            index = faiss.IndexPQ(problem.dimensions, pieces, bits, faiss.METRIC_INNER_PRODUCT)
            index.pq.cp.min_points_per_centroid = 1
            index.pq.cp.seed = 1 + context.seed
            stored = np.ascontiguousarray(problem.stored)
            index.train(stored)
            index.add(stored)
            arrays = {"index": index_bytes(index)}
        return self.code(problem, arrays, index.code_size, pieces=pieces, bits=bits)

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count k-means and the encoding: a distance of every vector to every centroid a step."""
        pieces, bits = shape_of(problem, settings)
        distances = (_STEPS + 1.0) * len(problem.stored) * pieces * 2.0**bits
        return Effort(work={"elementwise": _DISTANCE * distances})

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Count the tables and one look-up and sum a piece and pair."""
        pieces, bits = shape_of(problem, settings)
        tables = 2.0 * queries * problem.dimensions * 2.0**bits
        lookups = float(queries) * len(problem.stored) * pieces
        return Effort(work={"gemm_flop": tables, "elementwise": _LOOKUP * lookups})


def shape_of(problem: LoadProblem, settings: Settings) -> tuple[int, int]:
    """Return (pieces, bits): pieces that divide the dimensions, and no more centroids than vectors."""
    most = int(settings["pieces"])
    divisors = [p for p in range(1, problem.dimensions + 1) if problem.dimensions % p == 0]
    pieces = max(p for p in divisors if p <= most)
    return pieces, min(int(settings["bits"]), len(problem.stored).bit_length() - 1)
