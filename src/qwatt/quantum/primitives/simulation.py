"""Work of simulating circuits on the built-in engine: complex numbers of a state vector, gate by gate."""

from __future__ import annotations

from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives.size import CircuitSize, Number

FLOPS_PER_AMPLITUDE = 8.0
"""A gate multiplies every amplitude by a complex number and adds another product: about 8 operations."""


def state_flops(circuit: Circuit | CircuitSize, states: Number = 1) -> Number:
    """Return the floating-point operations of simulating a circuit: 8 (gates + 1) 2^qubits a state.

    The engine writes amplitudes that are loaded into the vector at once, so the gates that load them on a QPU
    are not simulated; reading a state is charged as one gate more.

    Args:
        circuit: what is simulated; of a size, every gate is.
        states: how many inputs.
    """
    if isinstance(circuit, CircuitSize):
        gates, qubits = circuit.gates_1q + circuit.gates_2q, circuit.qubits
    else:
        from qwatt.quantum.demand import simulated_gates

        gates, qubits = simulated_gates(circuit), circuit.wires
    return FLOPS_PER_AMPLITUDE * states * (gates + 1) * 2.0**qubits
