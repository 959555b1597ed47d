"""Rotate at random, and round each coordinate to the nearest of a few levels made for normal variables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors
from qwatt.stages.encoding.load.random_projection import orthogonal, rotation_work

if TYPE_CHECKING:
    from scipy import special
else:
    special = lazy("scipy.special")


_LEVEL_STEPS, _LEVEL_CALLS = 5_000, 15.0
"""Steps of the search for levels, and calls of NumPy of each."""
_PACKING = 6.0
"""Elementwise values that packing a bit, or unpacking it, takes as long as."""


@method
class LloydMax(LoadMethod):
    """A rotated unit vector has nearly normal coordinates, so one table of levels serves all of them.

    A factor for each vector makes its product with itself right, which takes the bias away.
    """

    name = "lloyd-max"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("doi:10.1109/TIT.1982.1056489", "arXiv:2504.19874")
    space = {"bits": (4, 2, 3, 5, 6)}
    limits: ClassVar[Mapping[str, Limit]] = {"bits": (1, 12)}

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Rotate, round, and read the table."""
        bits, dimensions = int(settings["bits"]), problem.dimensions
        with context.phase(Ring.LOADING, "encode"):
            rotation = orthogonal(dimensions, dimensions, np.random.default_rng([context.seed, 17]))
            rotated = problem.stored @ rotation.T * np.float32(np.sqrt(dimensions))
            levels = normal_levels(bits)
            numbers = np.searchsorted((levels[1:] + levels[:-1]) / 2, rotated)
        table, config = self.read_table(levels, settings, context)
        with context.phase(Ring.LOADING, "encode"):
            factors = np.sqrt(dimensions) / (table[numbers] * rotated).sum(axis=1)
            arrays = {
                "codes": packed(numbers, bits),
                "factors": factors.astype(np.float32),
                "table": table.astype(np.float32),
                "rotation": rotation,
            }
        read = arrays["codes"].shape[1] + 4
        return self.code(problem, arrays, read, dimensions=dimensions, **settings, **config)

    def read_table(
        self, levels: NDArray[np.float64], settings: Settings, context: Context
    ) -> tuple[NDArray[np.float64], dict[str, Any]]:
        """Return the levels as they are looked up, shape (2**bits,), and remarks: here they are in memory."""
        return levels, {}

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Rotate the queries and multiply with the levels."""
        arrays, dimensions = code.arrays, int(code.config["dimensions"])
        with context.phase(Ring.KERNEL, "compare"):
            numbers = unpacked(arrays["codes"], int(code.config["bits"]), dimensions)
            products = (queries @ arrays["rotation"].T) @ arrays["table"][numbers].T
            return np.asarray(products * arrays["factors"], dtype=np.float64)

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the rotation and its decomposition, the search for levels, a look-up and packing."""
        dimensions, size, bits = problem.dimensions, float(problem.stored.size), int(settings["bits"])
        work = rotation_work(dimensions, dimensions) | {
            "gemm_flop": 2.0 * size * dimensions,
            "elementwise": size * (20.0 + _PACKING * bits),
            "array_call": _LEVEL_STEPS * _LEVEL_CALLS,
        }
        return Effort(work=work)

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Count unpacking, the queries' rotation and the product in double precision."""
        size, bits = float(problem.stored.size), int(settings["bits"])
        flop = 2.0 * queries * (problem.dimensions**2 + 2.0 * size)
        return Effort(work={"gemm_flop": flop, "elementwise": size * (10.0 + _PACKING * bits)})


@cache
def normal_levels(bits: int) -> NDArray[np.float64]:
    """Return the 2**bits levels that round a normal variable with the least mean squared error, ascending.

    Each is the mean of its own interval, and each border the middle of two levels; the search alternates.
    """
    levels = special.ndtri((np.arange(2**bits) + 0.5) / 2**bits)
    for _ in range(_LEVEL_STEPS):
        borders = np.concatenate([[-np.inf], (levels[1:] + levels[:-1]) / 2, [np.inf]])
        density = np.exp(-(borders**2) / 2) / np.sqrt(2 * np.pi)
        levels = -np.diff(density) / np.diff(special.ndtr(borders))
    return np.asarray(levels, dtype=np.float64)


def packed(numbers: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Return numbers of so many bits without gaps, shape (rows, ceil(columns * bits / 8))."""
    planes = (numbers[..., None] >> np.arange(bits)) & 1
    return np.packbits(planes.reshape(len(numbers), -1).astype(np.uint8), axis=1)


def unpacked(codes: NDArray[np.uint8], bits: int, columns: int) -> NDArray[np.int64]:
    """Return what `packed` packed, shape (rows, columns)."""
    planes = np.unpackbits(codes, axis=1, count=columns * bits).reshape(len(codes), columns, bits)
    return np.asarray((planes.astype(np.int64) << np.arange(bits)).sum(axis=2))
