"""Exact amplitude encoding: 2^n numbers as the amplitudes of n qubits, compared by overlap tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import expectation, kernel
from qwatt.quantum.primitives import overlaps as tests
from qwatt.quantum.primitives.bill import BILL_SHOTS
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import engine
    from qwatt.quantum.circuits import feature_maps, overlap, state_preparation
else:
    torch, engine = lazy("torch"), lazy("qwatt.quantum.engine")
    feature_maps = lazy("qwatt.quantum.circuits.feature_maps")
    overlap = lazy("qwatt.quantum.circuits.overlap")
    state_preparation = lazy("qwatt.quantum.circuits.state_preparation")

_ANGLE = 60.0
"""Elementwise values that an angle takes as long as: an arc tangent and a root in double precision."""
_BATCH_VALUES = 2**23
"""Amplitudes that are handed to the backend at once."""


@method
class Amplitude(LoadMethod):
    """The signed tree of 2^n - 1 RY and 2^n - 2 CNOT for each vector, loaded anew in every shot.

    The code is the tree's angles. Two tests give an inner product. Inversion (a tree, then the other's
    inverse) gives its square. There, if padding leaves room, both vectors get a constant of their own length
    beside their values, so that what is squared, (1 + <x, y>) / 2, has no sign to lose. Interference gives
    the sign by itself, from one tree of a qubit more.

    For 8 values this is the log2 N encoding of doi:10.1038/s41598-022-05971-9.
    """

    name = "amplitude"
    kind = Kind.QUANTUM
    sources = ("arXiv:quant-ph/0407010 (tree)", "doi:10.1038/s41598-022-05971-9 (log2 N encoding)")
    companions = ("sampled", "random-vectors", "int8", "float32")
    space = {"test": ("inversion", "interference"), "repetitions": (1, 4, 16, 64, 256, 1024)}
    limits: ClassVar[Mapping[str, Limit]] = {"repetitions": (1, 100_000)}
    reads_circuits: ClassVar[bool] = True
    assumes: ClassVar[str] = "every shot of every pair loads both vectors"

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Find the angles of every stored vector's tree."""
        qubits = width(problem.dimensions)
        constant = settings["test"] == "inversion" and problem.dimensions < 2**qubits
        with context.phase(Ring.LOADING, "encode"):
            arrays = {"angles": tree_angles(problem.stored, qubits, constant)}
        shots = shots_of(settings, context.shots)
        read = (shots or BILL_SHOTS) * 2 * 4 * (2**qubits - 1)
        return self.code(
            problem,
            arrays,
            read,
            qubits=qubits,
            constant=constant,
            test=settings["test"],
            repetitions=settings["repetitions"],
        )

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Run a test for every pair."""
        qubits, constant = int(code.config["qubits"]), bool(code.config["constant"])
        shots = shots_of(code.config, context.shots)
        with context.phase(Ring.LOADING, "encode-query"):
            asked = tree_angles(queries, qubits, constant)
        with context.circuits():
            x, y = amplitudes(asked), amplitudes(code.arrays["angles"])
            if code.config["test"] == "inversion":
                circuit = feature_maps.amplitude_map(qubits)
                squares = circuit_backend(context).kernel(circuit, x, y, shots=shots).numpy()
                found = np.sqrt(np.clip(squares.astype(np.float64), 0.0, 1.0))
            else:
                found = interfered(x, y, shots, context)
        return 2.0 * found - 1.0 if constant else found

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the stored vectors' trees."""
        return Effort(work={"elementwise": _ANGLE * len(problem.stored) * 2.0 ** width(problem.dimensions)})

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Bill one circuit a pair."""
        qubits = width(problem.dimensions)
        vectors, each = len(problem.stored), shots_of(settings, shots)
        trees = (2.0 * queries + vectors) * 2.0**qubits
        # two calls for the states, one for their overlaps; a binomial number a pair
        work = {"elementwise": _ANGLE * trees, "engine_call": 3.0, "random_draw": float(queries * vectors)}
        if settings["test"] == "inversion":
            circuit = feature_maps.amplitude_map(qubits)
            demand: Demand = kernel.demand(circuit, queries, vectors, each)
            return Effort(demand, work, kernel.simulation_flops(circuit, queries, vectors))
        circuit = overlap.interference_test(2**qubits)
        demand = expectation.demand(circuit, queries * vectors, each)
        return Effort(demand, work, tests.simulation_flops(circuit, queries * vectors))


def width(dimensions: int) -> int:
    """Return the qubits of a vector."""
    return max(1, (dimensions - 1).bit_length())


def shots_of(settings: Settings, shots: int | None) -> int | None:
    """Return the shots of each pair; None for exact values."""
    return None if shots is None else shots * int(settings["repetitions"])


def tree_angles(vectors: Vectors, qubits: int, constant: bool) -> NDArray[np.float32]:
    """Return the RY angles of the vectors' trees, level by level, shape (vectors, 2**qubits - 1)."""
    padded = np.zeros((2**qubits, len(vectors)))
    padded[: vectors.shape[1]] = vectors.T
    if constant:
        padded[-1] = np.linalg.norm(vectors, axis=1)
    levels = state_preparation.ry_tree(padded)
    return np.asarray(np.concatenate(levels).T, dtype=np.float32)


def amplitudes(angles: NDArray[Any]) -> NDArray[np.float32]:
    """Return the states that trees of these angles prepare, shape (vectors, 2**qubits)."""
    qubits = (angles.shape[1] + 1).bit_length() - 1
    levels = [angles.T[2**level - 1 : 2 ** (level + 1) - 1] for level in range(qubits)]
    return np.asarray(state_preparation.tree_amplitudes(levels).T, dtype=np.float32)


def interfered(x: NDArray[Any], y: NDArray[Any], shots: int | None, context: Context) -> Similarities:
    """Return the inner products of all pairs by interference tests, shape (x's rows, y's rows)."""
    circuit, backend = overlap.interference_test(x.shape[1]), circuit_backend(context)
    batches = [
        backend.expval(circuit, pairs, shots=shots).numpy()[:, 0] for pairs in paired(x, y, _BATCH_VALUES)
    ]
    return np.concatenate(batches).reshape(len(x), len(y)).astype(np.float64)


def paired(x: NDArray[Any], y: NDArray[Any], values: int) -> Iterator[NDArray[Any]]:
    """Yield the pairs [x_i, y_j] in row-major order, at most about so many values at once."""
    rows = max(1, values // (2 * y.size))
    for start in range(0, len(x), rows):
        part = x[start : start + rows]
        yield np.hstack([np.repeat(part, len(y), axis=0), np.tile(y, (len(part), 1))])
