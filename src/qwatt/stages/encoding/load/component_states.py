"""What circuits that load principal components share: prepare both vectors, invert, read all zeros."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Ring, Settings
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import kernel
from qwatt.quantum.primitives.bill import BILL_SHOTS
from qwatt.stages.encoding.load.amplitude import shots_of
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.components import (
    coordinates,
    fit_components,
    inner_products,
    targets,
)
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.pca import components_effort, kept_components
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit

Inputs = NDArray[np.float32]


class ComponentStates(LoadMethod):
    """Base: n qubits hold 2^n - 1 components and a constant; every shot of every pair loads two vectors."""

    reads_circuits: ClassVar[bool] = True

    @abstractmethod
    def circuit(self, settings: Settings) -> Circuit:
        """Return the circuit that prepares a vector from its inputs."""

    @abstractmethod
    def inputs(
        self, wanted: Inputs, settings: Settings, context: Context
    ) -> tuple[Inputs, NDArray[np.float32]]:
        """Return the circuit's inputs for states (vectors, 2**qubits), and the fidelities, one a vector."""

    @abstractmethod
    def inputs_effort(self, vectors: int, settings: Settings) -> Effort:
        """Return the work of finding the inputs of so many vectors."""

    def angles_loaded(self, settings: Settings) -> int:
        """Return the angles of one vector's circuit."""
        return self.circuit(settings).n_inputs

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Fit the components and find the circuit of every stored vector."""
        qubits = int(settings["qubits"])
        with context.phase(Ring.LOADING, "encode"):
            arrays = fit_components(problem, 2**qubits - 1, context.seed)
            wanted = targets(coordinates(arrays, problem.stored), qubits)
        with context.phase(Ring.LOADING, "compile"):
            inputs, fidelities = self.inputs(wanted, settings, context)
        arrays["inputs"] = inputs
        shots = shots_of(settings, context.shots) or BILL_SHOTS
        read = shots * 2 * 4 * self.angles_loaded(settings)
        return self.code(problem, arrays, read, fidelity=float(fidelities.mean()), **settings)

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Find the queries' circuits and run an inversion test for every pair."""
        arrays, settings = code.arrays, code.config
        found = coordinates(arrays, queries)
        with context.phase(Ring.LOADING, "compile-query"):
            inputs, _ = self.inputs(targets(found, int(settings["qubits"])), settings, context)
        with context.circuits():
            squares = circuit_backend(context).kernel(
                self.circuit(settings), inputs, arrays["inputs"], shots=shots_of(settings, context.shots)
            )
        overlaps = np.sqrt(np.clip(squares.numpy().astype(np.float64), 0.0, 1.0))
        return inner_products(arrays, queries, found, 2.0 * overlaps - 1.0)

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the components and the circuits' inputs."""
        (vectors, dimensions), count = problem.stored.shape, 2 ** int(settings["qubits"]) - 1
        kept = kept_components(problem, count)
        projected = Effort(work={"gemm_flop": 2.0 * vectors * dimensions * kept})
        return components_effort(vectors, dimensions) + projected + self.inputs_effort(vectors, settings)

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Bill one circuit a pair."""
        circuit, vectors = self.circuit(settings), len(problem.stored)
        demand = kernel.demand(circuit, queries, vectors, shots_of(settings, shots))
        # two calls for the states, one for their overlaps; a binomial number a pair
        work = {"engine_call": 3.0, "random_draw": float(queries * vectors)}
        tests = Effort(demand, work, kernel.simulation_flops(circuit, queries, vectors))
        return tests + self.inputs_effort(queries, settings)
