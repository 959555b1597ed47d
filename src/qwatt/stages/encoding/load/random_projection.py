"""Projections on random directions that are orthogonal to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors
from qwatt.stages.encoding.load.scalar import products, products_effort, quantised, quantised_effort


@method
class RandomProjection(LoadMethod):
    """A Johnson-Lindenstrauss projection in bytes: no vector is looked at to choose the directions."""

    name = "random-projection"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1090/conm/026/737400", "arXiv:1610.06209 (orthogonal directions)")
    space = {"components": (256, 64, 128, 320)}

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Draw directions, project and quantise."""
        count = min(int(settings["components"]), problem.dimensions)
        with context.phase(Ring.LOADING, "encode"):
            directions = orthogonal(problem.dimensions, count, context.rng)
            arrays = quantised(problem.stored @ directions.T) | {"directions": directions}
        return self.code(problem, arrays, count + 4)

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Project the queries and multiply."""
        with context.phase(Ring.KERNEL, "compare"):
            return products(queries @ code.arrays["directions"].T, code.arrays)

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the directions' decomposition and the projection."""
        vectors, dimensions = problem.stored.shape
        count = min(int(settings["components"]), dimensions)
        work = rotation_work(dimensions, count) | {"gemm_flop": 2.0 * vectors * dimensions * count}
        return Effort(work=work) + quantised_effort(vectors * count)

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Count the queries' projection and the product."""
        count = min(int(settings["components"]), problem.dimensions)
        flop = 2.0 * queries * count * problem.dimensions
        return Effort(work={"gemm_flop": flop}) + products_effort(queries, count * len(problem.stored))


def rotation_work(dimensions: int, count: int) -> dict[str, float]:
    """Return the host's work of `orthogonal`: normal numbers and their decomposition."""
    return {"decomposition_flop": 2.0 * dimensions * count**2}


def orthogonal(dimensions: int, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return directions, shape (count, dimensions), scaled so that inner products are right on average."""
    columns = np.linalg.qr(rng.normal(size=(dimensions, count)))[0]
    return np.asarray(columns.T * np.sqrt(dimensions / count), dtype=np.float32)
