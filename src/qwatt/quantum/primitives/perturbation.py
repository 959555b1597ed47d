"""Optimisation by random perturbations: SPSA (Spall 1992) and quantum natural SPSA (arXiv:2103.09232)."""

from __future__ import annotations

from qwatt.core.demand import Demand
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives.bill import CircuitBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.simulation import state_flops
from qwatt.quantum.primitives.size import CircuitSize, Number, size_of

_OVERLAPS = 4
"""Overlaps of one sample of the metric: the four corners of two random moves."""


@named("spsa", "gate")
def bill(size: CircuitSize, samples: Number, steps: Number, shots: Number = None) -> CircuitBill:
    """SPSA: 2 circuits a sample and step, however many weights there are (Spall 1992).

    Args:
        size: of the circuit.
        samples: inputs of one loss.
        steps: optimiser steps.
        shots: of each circuit.
    """
    return CircuitBill(2 * samples * steps, shots, size)


@named("metric_samples", "gate")
def metric_bill(
    size: CircuitSize, samples: Number, steps: Number, overlaps: Number = _OVERLAPS, shots: Number = None
) -> CircuitBill:
    """The metric's part of quantum natural SPSA: 4 inversion tests a sample and step (arXiv:2103.09232).

    Args:
        size: of the circuit, which the test runs forth and back.
        samples: inputs that the metric is averaged over.
        steps: optimiser steps.
        overlaps: inversion tests of one metric sample.
        shots: of each circuit.
    """
    return CircuitBill(overlaps * samples * steps, shots, size.inverted())


def demand(circuit: Circuit | CircuitSize, samples: int, steps: int, shots: int | None = None) -> Demand:
    """Return the bill of SPSA in whole circuits."""
    return bill(size_of(circuit), samples, steps, shots).demand("spsa")


def natural_demand(
    circuit: Circuit | CircuitSize, samples: int, steps: int, shots: int | None = None
) -> Demand:
    """Return the bill of quantum natural SPSA: SPSA, and one metric sample a step on one input."""
    metric = metric_bill(size_of(circuit), 1, steps, shots=shots)
    return demand(circuit, samples, steps, shots) + metric.demand("metric")


def simulation_flops(
    circuit: Circuit | CircuitSize, samples: int, steps: int, natural: bool = False
) -> float:
    """Return the operations: a state a circuit, and with `natural` eight states a step for four overlaps."""
    states = 2 * samples * steps + (2 * _OVERLAPS * steps if natural else 0)
    return float(state_flops(circuit, states))
