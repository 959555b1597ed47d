"""Quenches, the proposals of quantum-enhanced Markov chain Monte Carlo; the circuit is `circuits.quench`."""

from __future__ import annotations

import numpy as np

from qwatt.core.demand import Demand
from qwatt.quantum.primitives.bill import CircuitBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.qaoa import cost_size, xy_ring_size
from qwatt.quantum.primitives.simulation import FLOPS_PER_AMPLITUDE
from qwatt.quantum.primitives.size import CircuitSize, Number


@named("quench", "gate")
def bill(variables: Number, couplings: Number, steps: Number, proposals: Number = 1) -> CircuitBill:
    """One shot a proposal: n RX write the start, then s mixers of n RX with s - 1 cost layers between them.

    One-qubit gates n (s + 1) + (s - 1)(m + n), two-qubit gates 2 m (s - 1), depth 1 + s + (s - 1)(3 r + 1)
    with the rounds r of `qaoa` (arXiv:2203.12497).

    Args:
        variables: n, one qubit each.
        couplings: m, quadratic terms.
        steps: s, time steps of a quench.
        proposals: quenches, each another circuit.
    """
    mixers = CircuitSize(variables, steps * variables, 0 * variables, steps + 0 * variables)
    return _chained(variables, couplings, steps, proposals, mixers)


@named("quench_fixed_weight", "gate")
def fixed_weight_bill(
    variables: Number, couplings: Number, steps: Number, proposals: Number = 1
) -> CircuitBill:
    """As `quench` with XY rings for mixers, which keep the number of ones: 8 and 2 gates a pair.

    Args:
        variables: n, one qubit each.
        couplings: m, quadratic terms.
        steps: s, time steps of a quench.
        proposals: quenches, each another circuit.
    """
    return _chained(variables, couplings, steps, proposals, xy_ring_size(variables).times(steps))


def _chained(
    variables: Number, couplings: Number, steps: Number, proposals: Number, mixers: CircuitSize
) -> CircuitBill:
    start = CircuitSize(variables, variables, 0 * variables, 0 * variables + 1)
    costs = cost_size(variables, couplings).times(steps - 1)
    return CircuitBill(proposals, 1, start.then(costs).then(mixers))


def demand(variables: int, couplings: int, steps: int, proposals: int, *, keeps_ones: bool = False) -> Demand:
    """Return the bill in whole circuits of one shot; nothing for a model without variables."""
    if not variables:
        return Demand()
    one = fixed_weight_bill if keeps_ones else bill
    return one(variables, couplings, steps, proposals).demand("quench")


def simulation_flops(variables: int, steps: int, proposals: int) -> float:
    """Return the operations on a state vector a proposal: n turns a mixer, a phase a cost layer."""
    return float(FLOPS_PER_AMPLITUDE * proposals * steps * (variables + 1) * np.exp2(variables))
