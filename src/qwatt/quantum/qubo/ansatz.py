"""QAOA of a binary quadratic model: its circuit, its fixed linear ramp, and its energy scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.quantum.circuit import Circuit

if TYPE_CHECKING:
    import dimod


def linear_ramp(
    depth: int, delta_gamma: float, delta_beta: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the fixed schedule of LR-QAOA, costs falling and the mixer fading (arXiv:2405.09169).

    gamma_k = (k+1/2)/p * delta_gamma and beta_k = -(1-(k+1/2)/p) * delta_beta: the start state is the
    *highest* state of sum X, so the mixer's angle is negative when energies are to be minimised.

    Args:
        depth: layers p.
        delta_gamma: slope of the cost angles, for energies of unit standard deviation.
        delta_beta: slope of the mixer angles.
    """
    ramp = (np.arange(depth) + 0.5) / depth
    return ramp * delta_gamma, -(1.0 - ramp) * delta_beta


def energy_spread(bqm: dimod.BinaryQuadraticModel) -> float:
    """Return the standard deviation of the energy over all assignments; 1 for a constant model.

    The spin terms are orthogonal, so it is the root of the sum of their squares.
    """
    spins = bqm.spin
    squares = sum(h * h for h in spins.linear.values()) + sum(j * j for j in spins.quadratic.values())
    return float(np.sqrt(squares)) or 1.0


def qaoa_circuit(bqm: dimod.BinaryQuadraticModel, gammas: Sequence[float], betas: Sequence[float]) -> Circuit:
    """Return the QAOA circuit with its angles fixed, in RZ, RX and CNOT; one wire a variable.

    Args:
        bqm: model of any variable type; bit 1 is x = 1 or s = +1.
        gammas: cost angles, one a layer.
        betas: mixer angles, one a layer.
    """
    index = {variable: wire for wire, variable in enumerate(bqm.variables)}
    spins = bqm.spin
    fields = [(index[v], float(h)) for v, h in spins.linear.items()]
    bonds = [(index[u], index[v], float(j)) for (u, v), j in spins.quadratic.items()]
    layers = list(zip(map(float, gammas), map(float, betas), strict=True))

    def build(inputs: Any, weights: Any) -> None:
        import pennylane as qml

        for wire in range(len(index)):
            qml.Hadamard(wire)
        for gamma, beta in layers:
            for wire, h in fields:
                qml.RZ(-2 * gamma * h, wire)
            for first, second, j in bonds:
                qml.CNOT([first, second])
                qml.RZ(2 * gamma * j, second)
                qml.CNOT([first, second])
            for wire in range(len(index)):
                qml.RX(2 * beta, wire)

    return Circuit(build, wires=len(index), name="qaoa")
