"""Parameter-shift gradients (1811.11184): which circuits to run, and how to combine their results."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pennylane as qml
import torch
from torch import Tensor

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.demand import weight_uses

Evaluate = Callable[[Tensor], Tensor]
"""Called with stacked weights (k, *weight_shape); returns their values, shape (k, ...)."""


def rowwise(evaluate: Callable[[Tensor], Tensor]) -> Evaluate:
    """Turn a function of one set of weights into one of a stack of them."""
    return lambda stacked: torch.stack([evaluate(weights) for weights in stacked])


def shifted_weights(weights: Tensor, shift: float = math.pi / 2) -> Tensor:
    """Return the 2P weights to run, shape (2P, *weights.shape): all shifts up, then all shifts down."""
    steps = shift * torch.eye(weights.numel(), dtype=weights.dtype, device=weights.device)
    flat = weights.detach().reshape(1, -1)
    return torch.cat([flat + steps, flat - steps]).reshape(-1, *weights.shape)


def combine_shifts(values: Tensor, shift: float = math.pi / 2) -> Tensor:
    """Return the derivatives, shape (P, ...), from the 2P values of `shifted_weights`."""
    up, down = values.chunk(2)
    return (up - down) / (2 * math.sin(shift))


def parameter_shift(circuit: Circuit, evaluate: Evaluate, weights: Tensor) -> Tensor:
    """Differentiate a circuit's expectation values by running it at shifted weights.

    Args:
        circuit: what `evaluate` runs; every weight must be the angle of exactly one Pauli rotation.
        evaluate: returns expectation values, not a non-linear function of them.
        weights: shape `circuit.weight_shape`.

    Returns:
        Derivatives, shape (*weight_shape, ...), where ... is the shape of one set of values.

    Raises:
        QwattError: a weight is used more than once, or otherwise than as the angle of a rotation.
    """
    uses = weight_uses(circuit)
    if uses is None or any(count != 1 for count in uses):
        raise QwattError(
            "the two-term shift rule needs every weight to be the angle of exactly one rotation",
            where=circuit.name,
            mend="use gate_shift, which shifts every gate on its own",
        )
    derivatives = combine_shifts(evaluate(shifted_weights(weights)))
    return derivatives.reshape(*weights.shape, *derivatives.shape[1:])


def gate_shift(circuit: Circuit, inputs: Any, weights: Tensor, device: Any = None) -> Tensor:
    """Differentiate Z of the readout by PennyLane's shift rule, gate by gate: any sharing of weights.

    Args:
        circuit: what to differentiate.
        inputs: one sample, shape (n_inputs,), or None.
        weights: shape `circuit.weight_shape`.
        device: PennyLane device; the default is an exact `default.qubit`.

    Returns:
        Derivatives, shape (len(circuit.readout), *weight_shape).
    """
    place = device or qml.device("default.qubit", wires=circuit.wires)

    def read(trained: Tensor) -> Any:
        circuit.function(inputs, trained)
        return [qml.expval(qml.Z(wire)) for wire in circuit.readout]

    values = qml.QNode(read, place, interface="torch", diff_method="parameter-shift")
    start = weights.detach().to(torch.float64)
    found: Tensor = torch.autograd.functional.jacobian(lambda w: torch.stack(list(values(w))), start)  # type: ignore[no-untyped-call]
    return found
