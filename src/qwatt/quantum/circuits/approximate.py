"""Approximate state preparation: a shallow brickwork of RY and CZ, trained to a stated fidelity.

In the manner of 2103.13211, with the overlap itself as the objective (a simulator's privilege). The classical
compilation is work of its own and belongs in the bill of whoever asks for it: `Approximation.steps` says how
much there was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.state_preparation import unit_vector


@dataclass(frozen=True)
class Approximation:
    """What `approximate` found.

    Args:
        circuit: the brickwork.
        weights: its angles, shape (layers + 1, wires).
        fidelity: squared overlap with the target that was reached.
        steps: optimiser steps that were taken, over all restarts.
    """

    circuit: Circuit
    weights: NDArray[np.float64]
    fidelity: float
    steps: int


def brick_layers(weights: Any, wires: Sequence[int], entangle: bool = True, inverse: bool = False) -> None:
    """RY columns with bricks of CZ between them, even and odd pairs by turns; a real orthogonal matrix.

    Args:
        weights: shape (layers + 1, len(wires)).
        wires: where to apply them.
        entangle: False leaves the CZs out.
        inverse: apply the inverse, which is the transpose.
    """
    last = weights.shape[0] - 1
    for column in range(last, -1, -1) if inverse else range(last + 1):
        if inverse and entangle and column < last:
            _bricks(column, wires)
        for i, wire in enumerate(wires):
            qml.RY(-weights[column, i] if inverse else weights[column, i], wires=wire)
        if not inverse and entangle and column < last:
            _bricks(column, wires)


def _bricks(column: int, wires: Sequence[int]) -> None:
    for i in range(column % 2, len(wires) - 1, 2):
        qml.CZ([wires[i], wires[i + 1]])


@cache
def turned_brickwork(
    wires: int, layers: int, entangle: bool = True, inverse: bool = False, read: int | None = None
) -> Circuit:
    """A brickwork on a product state: RY(x_i) on every wire, then `brick_layers`, then H on one wire or none.

    Angles of 0 and pi make a basis state, one of pi / 2 the sum of two of them. The H lets real amplitudes be
    read with their signs, as `quantum.algorithms.real_tomography` does.

    Args:
        wires: number of qubits.
        layers: bricks.
        entangle: False leaves the CZs out.
        inverse: apply the brickwork's inverse.
        read: wire that is read in the basis of X.

    Returns:
        Circuit with n_inputs = wires and weights (layers + 1, wires).
    """

    def function(inputs: Any, weights: Any) -> None:
        for wire in range(wires):
            qml.RY(inputs[..., wire], wires=wire)
        brick_layers(weights, range(wires), entangle, inverse)
        if read is not None:
            qml.Hadamard(wires=read)

    return Circuit(function, wires, wires, (layers + 1, wires), name="turned_brickwork")


@cache
def brickwork(wires: int, layers: int) -> Circuit:
    """`brick_layers` on |0...0>; weights (layers + 1, wires)."""
    return Circuit(
        lambda _, weights: brick_layers(weights, range(wires)),
        wires,
        0,
        (layers + 1, wires),
        name="brickwork",
    )


def approximate(
    vector: Any,
    wires: int,
    layers: int,
    fidelity: float = 0.95,
    *,
    steps: int = 300,
    restarts: int = 2,
    learning_rate: float = 0.05,
    seed: int = 0,
    warm_start: NDArray[np.float64] | None = None,
    required: bool = False,
) -> Approximation:
    """Fit a brickwork circuit to a real vector until the fidelity is reached or the steps are used up.

    Args:
        vector: up to 2**wires real values, scaled to unit norm here.
        wires: number of qubits.
        layers: bricks; about 2**wires / wires of them are needed for a vector without structure.
        fidelity: target squared overlap, where the fit stops.
        steps: Adam steps of each start.
        restarts: random starts; the best is kept.
        learning_rate: Adam's.
        seed: of the random starts.
        warm_start: angles to start from first, such as those of a similar vector.
        required: raise when the fidelity is not reached.

    Raises:
        QwattError: the vector does not fit, or `required` and the fidelity is not reached.
    """
    import torch

    from qwatt.quantum.engine import compile_circuit

    circuit = brickwork(wires, layers)
    plan = compile_circuit(circuit, dtype=torch.complex128)
    target = torch.as_tensor(np.real(unit_vector(vector, wires)), dtype=torch.complex128)
    rng = np.random.default_rng(seed)
    starts = [rng.normal(0, np.pi / 4, circuit.weight_shape) for _ in range(restarts)]
    if warm_start is not None:
        starts.insert(0, np.asarray(warm_start).reshape(circuit.weight_shape))
    fit = _Fit(plan, target, steps, learning_rate, fidelity)
    for start in starts:
        if fit.best < fidelity:
            fit.run(torch.tensor(start))
    if required and fit.best < fidelity:
        raise QwattError(
            f"fidelity {fit.best:.4f} after {fit.taken} steps, wanted {fidelity}",
            where=f"approximate preparation on {wires} wires with {layers} layers",
            mend="allow more layers or steps, or lower the fidelity",
        )
    return Approximation(circuit, fit.weights, fit.best, fit.taken)


class _Fit:
    """Maximises the squared overlap with the target by Adam and keeps the best angles of all its runs."""

    def __init__(self, plan: Any, target: Any, steps: int, learning_rate: float, fidelity: float) -> None:
        self.plan, self.target = plan, target
        self.steps, self.learning_rate, self.fidelity = steps, learning_rate, fidelity
        self.best, self.taken = -1.0, 0
        self.weights: Any = None

    def run(self, start: Any) -> None:
        """Optimise from one start until the fidelity is reached or the steps are used up."""
        import torch

        weights = start.clone().requires_grad_(True)
        optimiser = torch.optim.Adam([weights], lr=self.learning_rate)
        for _ in range(self.steps):
            overlap = (self.plan.states(None, weights)[0] * self.target).sum().abs() ** 2
            if float(overlap.detach()) > self.best:
                self.best, self.weights = float(overlap.detach()), weights.detach().clone().numpy()
            if self.best >= self.fidelity:
                return
            optimiser.zero_grad()
            (1 - overlap).backward()
            optimiser.step()
            self.taken += 1
