"""Approximate state preparation: a shallow brickwork of RY and CZ, trained to a stated fidelity.

In the manner of 2103.13211, with the overlap itself as the objective (a simulator's privilege). The classical
compilation is work of its own and belongs in the bill of whoever asks for it: `Approximation.steps` says how
much there was.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.state_preparation import unit_vector
from qwatt.quantum.demand import Counts


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


@cache
def brickwork(wires: int, layers: int) -> Circuit:
    """RY columns with bricks of CZ between them, even pairs and odd pairs by turns; weights (layers+1, wires)."""

    def function(_: Any, weights: Any) -> None:
        for column in range(layers + 1):
            for i in range(wires):
                qml.RY(weights[column, i], wires=i)
            if column < layers:
                for i in range(column % 2, wires - 1, 2):
                    qml.CZ([i, i + 1])

    return Circuit(function, wires, 0, (layers + 1, wires), name="brickwork")


def brickwork_counts(wires: int, layers: int) -> Counts:
    """Gates of `brickwork`: wires (layers + 1) RY, wires // 2 or (wires - 1) // 2 CZ by turns."""
    even, odd = wires // 2, (wires - 1) // 2
    return Counts(wires * (layers + 1), (layers + 1) // 2 * even + layers // 2 * odd, _depth(wires, layers))


def _depth(wires: int, layers: int) -> int:
    return 2 * layers + 1 if wires > 2 else layers + 1 + (layers + 1) // 2 * (wires - 1)


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
    best, weights, taken = -1.0, starts[0], 0
    for start in starts:
        reached, angles, used = _fit(plan, target, torch.tensor(start), steps, learning_rate, fidelity)
        taken += used
        if reached > best:
            best, weights = reached, angles
        if best >= fidelity:
            break
    if required and best < fidelity:
        raise QwattError(
            f"fidelity {best:.4f} after {taken} steps, wanted {fidelity}",
            where=f"approximate preparation on {wires} wires with {layers} layers",
            mend="allow more layers or steps, or lower the fidelity",
        )
    return Approximation(circuit, weights, best, taken)


def _fit(
    plan: Any, target: Any, start: Any, steps: int, learning_rate: float, fidelity: float
) -> tuple[float, NDArray[np.float64], int]:
    """Maximise the squared overlap by Adam; return the best value, its angles, and the steps taken."""
    import torch

    weights = start.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([weights], lr=learning_rate)
    best, angles = -1.0, start
    for step in range(steps):
        overlap = (plan.states(None, weights)[0] * target).sum().abs() ** 2
        if float(overlap) > best:
            best, angles = float(overlap.detach()), weights.detach().clone()
        if best >= fidelity:
            return best, angles.numpy(), step
        optimiser.zero_grad()
        (1 - overlap).backward()
        optimiser.step()
    return best, angles.numpy(), steps
