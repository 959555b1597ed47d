"""A quench from one bit string: the proposal of quantum-enhanced Markov chain Monte Carlo (arXiv:2203.12497).

exp(-i H t) of H = (1 - g) a C + g B in steps of one length: M C M C ... M, with M the mixer's part of a step
and C the cost's. The formula's half steps of C at both ends change no probability between bit strings and are
left out. The circuit reads the same backwards, so that a proposal is as likely as its reverse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pennylane as qml

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.qaoa import cost_layer, ising_terms, mix_x, ring_pairs

if TYPE_CHECKING:
    import dimod


def quench(bqm: dimod.BinaryQuadraticModel, steps: int, keeps_ones: bool = False) -> Circuit:
    """Return the circuit with the start's bits as inputs, shape (n,), and weights (cost angle, mixer angle).

    Args:
        bqm: model of any variable type.
        steps: mixers, one more than cost layers.
        keeps_ones: mix on the XY ring, which keeps the number of ones (arXiv:1709.03489), every other time in
            the reverse order; the steps must then be even.

    Raises:
        QwattError: no steps, or an odd number of ring mixers.
    """
    require_steps(steps, keeps_ones)
    fields, bonds = ising_terms(bqm)
    n = bqm.num_variables

    def function(inputs: Any, weights: Any) -> None:
        for wire in range(n):
            qml.RX(np.pi * inputs[..., wire], wires=wire)
        for step in range(steps):
            if step:
                cost_layer(fields, bonds, weights[0])
            if keeps_ones:
                _mix_ring(weights[1], n, backwards=step % 2 == 1)
            else:
                mix_x(weights[1], n)

    return Circuit(function, n, n, (2,), name=f"quench_{'xy_ring' if keeps_ones else 'x'}_{steps}")


def require_steps(steps: int, keeps_ones: bool) -> None:
    """Refuse a number of steps whose quench is not its own reverse.

    Raises:
        QwattError: none, or an odd number of ring mixers.
    """
    if steps < 1 or (keeps_ones and steps % 2):
        kind = "an even number" if keeps_ones else "one or more"
        raise QwattError(f"a quench of {steps} steps", mend=f"take {kind} of them")


def _mix_ring(beta: Any, wires: int, backwards: bool) -> None:
    pairs = ring_pairs(wires)
    for first, second in reversed(pairs) if backwards else pairs:
        qml.IsingXY(-2 * beta, wires=[first, second])
