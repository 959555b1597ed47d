"""Angle encoding: a component a qubit, compared by the inversion test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import kernel
from qwatt.quantum.primitives.bill import BILL_SHOTS
from qwatt.stages.encoding.load.amplitude import shots_of
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.components import coordinates, fit_components, inner_products, lengths
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.pca import components_effort, kept_components
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import engine
    from qwatt.quantum.circuits import feature_maps
else:
    torch, engine = lazy("torch"), lazy("qwatt.quantum.engine")
    feature_maps = lazy("qwatt.quantum.circuits.feature_maps")


@method
class Angle(LoadMethod):
    """Rotate qubit i by s x_i: the fidelity is prod cos^2(s (x_i - y_i) / 2), near exp(-s^2 |x - y|^2 / 4).

    The distance that it stands for gives the inner product, since the lengths are known. Without entanglers
    the fidelity is a closed form: the QPU adds shot noise to what a few cosines give.
    """

    name = "angle"
    kind = Kind.QUANTUM
    sources = ("doi:10.1038/s41598-022-05971-9 (N-qubit encoding)", "arXiv:2101.11020 (product kernel)")
    companions = ("pca", "random-vectors", "float32")
    space = {"qubits": (10,), "scale": (2.0, 1.0, 4.0), "repetitions": (64,)}
    limits: ClassVar[Mapping[str, Limit]] = {"qubits": (1, 20)}
    reads_circuits: ClassVar[bool] = True
    assumes: ClassVar[str] = "every shot of every pair loads both vectors"

    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Fit the components; scaled they are the angles."""
        qubits = kept_components(problem, int(settings["qubits"]))
        with context.phase(Ring.LOADING, "encode"):
            arrays = fit_components(problem, qubits, context.seed)
            arrays["angles"] = np.float32(settings["scale"]) * coordinates(arrays, problem.stored)
        shots = shots_of(settings, context.shots) or BILL_SHOTS
        return self.code(problem, arrays, shots * 2 * 4 * qubits, **settings)

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Run an inversion test for every pair."""
        arrays, scale = code.arrays, float(code.config["scale"])
        shots = shots_of(code.config, context.shots)
        found = coordinates(arrays, queries)
        circuit = feature_maps.angle_map(found.shape[1])
        with context.circuits():
            angles = np.float32(scale) * found
            fidelity = circuit_backend(context).kernel(circuit, angles, arrays["angles"], shots=shots).numpy()
        cosines = cosines_of(fidelity, scale, lengths(found), arrays["lengths"], shots)
        return inner_products(arrays, queries, found, cosines)

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the components."""
        (vectors, dimensions), qubits = problem.stored.shape, int(settings["qubits"])
        projected = Effort(work={"gemm_flop": 2.0 * vectors * dimensions * qubits})
        return components_effort(vectors, dimensions) + projected

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Bill one circuit a pair."""
        circuit = feature_maps.angle_map(kept_components(problem, int(settings["qubits"])))
        vectors = len(problem.stored)
        demand = kernel.demand(circuit, queries, vectors, shots_of(settings, shots))
        work = {
            "gemm_flop": 2.0 * queries * problem.dimensions * circuit.wires,
            "engine_call": 3.0,
            "random_draw": float(queries * vectors),
        }
        return Effort(demand, work, kernel.simulation_flops(circuit, queries, vectors))


def cosines_of(
    fidelity: NDArray[np.float32],
    scale: float,
    asked: NDArray[np.float32],
    kept: NDArray[np.float32],
    shots: int | None,
) -> NDArray[np.float64]:
    """Return cosines, shape (queries, vectors), by the law of cosines.

    Args:
        fidelity: shape (queries, vectors); where no shot read all zeros it is taken as half a shot.
        scale: of the angles.
        asked: lengths of the queries' coordinates.
        kept: lengths of the stored ones'.
        shots: of each fidelity, or None.
    """
    least = 0.5 / shots if shots else np.finfo(np.float32).tiny
    squares = -4.0 * np.log(np.clip(fidelity.astype(np.float64), least, 1.0)) / scale**2
    sides = asked[:, None] * kept
    return np.asarray(np.clip((asked[:, None] ** 2 + kept**2 - squares) / (2.0 * sides), -1.0, 1.0))
