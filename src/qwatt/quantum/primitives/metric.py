"""The Fubini-Study metric of the quantum natural gradient, measured from overlaps or block by block."""

from __future__ import annotations

from qwatt.core.demand import Demand
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives.bill import CircuitBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.simulation import FLOPS_PER_AMPLITUDE, state_flops
from qwatt.quantum.primitives.size import CircuitSize, Number, size_of


@named("metric", "gate")
def bill(size: CircuitSize, weights: Number, samples: Number, shots: Number = None) -> CircuitBill:
    """The whole metric: P (2 P - 1) inversion tests a sample at shifted weights (arXiv:2008.06517).

    Args:
        size: of the circuit, which the test runs forth and back.
        weights: P, each the angle of one rotation.
        samples: inputs.
        shots: of each circuit.
    """
    return CircuitBill(weights * (2 * weights - 1) * samples, shots, size.inverted())


@named("block_metric", "gate")
def block_bill(size: CircuitSize, blocks: Number, samples: Number, shots: Number = None) -> CircuitBill:
    """The block-diagonal metric: one circuit a layer of commuting rotations and sample (arXiv:1909.02108).

    Each is charged as the whole circuit; cut off at its layer it would be half as long on average.

    Args:
        size: of the circuit.
        blocks: layers whose rotations commute.
        samples: inputs.
        shots: of each circuit.
    """
    return CircuitBill(blocks * samples, shots, size)


def demand(circuit: Circuit | CircuitSize, weights: int, samples: int, shots: int | None = None) -> Demand:
    """Return the bill of the whole metric in whole circuits."""
    return bill(size_of(circuit), weights, samples, shots).demand("metric")


def simulation_flops(circuit: Circuit | CircuitSize, weights: int, samples: int) -> float:
    """Return the operations of P tangent vectors a sample and their P^2 / 2 products."""
    qubits = circuit.qubits if isinstance(circuit, CircuitSize) else circuit.wires
    products = FLOPS_PER_AMPLITUDE * samples * weights**2 / 2 * 2.0**qubits
    return float(state_flops(circuit, samples * (weights + 1)) + products)
