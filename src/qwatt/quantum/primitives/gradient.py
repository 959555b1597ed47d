"""Gradients by parameter shift (arXiv:1811.11184)."""

from __future__ import annotations

from qwatt.core.demand import Demand
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives.bill import CircuitBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.simulation import state_flops
from qwatt.quantum.primitives.size import CircuitSize, Number, size_of

_BACKWARD_PASSES = 2.0
"""The adjoint sweep takes the state and the covector back through every gate."""


@named("gradient", "gate")
def bill(size: CircuitSize, angles: Number, samples: Number, shots: Number = None) -> CircuitBill:
    """Parameter shift: 2 x angles x samples circuits of the circuit's own size (arXiv:1811.11184).

    A parameter of its own gate is one angle; one that several gates share is shifted in each of them.

    Args:
        size: of the circuit.
        angles: gate angles that are shifted.
        samples: inputs, times steps.
        shots: of each circuit.
    """
    return CircuitBill(2 * angles * samples, shots, size)


def demand(
    circuit: Circuit,
    samples: int,
    shots: int | None = None,
    *,
    weights: bool = True,
    inputs: bool = False,
) -> Demand:
    """Return the bill of one backward pass in whole circuits.

    Args:
        circuit: what is differentiated.
        samples: inputs.
        shots: of each circuit; None is billed as `BILL_SHOTS`.
        weights: whether the weights need a gradient.
        inputs: whether the inputs need one.
    """
    from qwatt.quantum.demand import shifted_gates

    angles = shifted_gates(circuit, weights=weights, inputs=inputs)
    return bill(size_of(circuit), angles, samples, shots).demand("gradient")


@named("simulated_training", "number")
def training_flops(size: CircuitSize, samples: Number) -> Number:
    """Operations of simulating forward and backward passes: 3 x 8 (gates + 1) 2^qubits a sample.

    Args:
        size: of the circuit.
        samples: inputs, times steps.
    """
    return (1 + _BACKWARD_PASSES) * state_flops(size, samples)


def simulation_flops(circuit: Circuit | CircuitSize, samples: int) -> float:
    """Return the operations of a backward pass by the adjoint method: two forward passes (arXiv:2009.02823).

    With the forward pass that it follows, a gradient takes three, whatever the number of angles.
    """
    return _BACKWARD_PASSES * float(state_flops(circuit, samples))
