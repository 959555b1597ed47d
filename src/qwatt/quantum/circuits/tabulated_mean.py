"""The mean of a table as the chance of one outcome, from which amplitude estimation finds it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pennylane as qml

from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.state_preparation import gray_rotations


@cache
def tabulated_mean(index_wires: int) -> Circuit:
    """Spread over all indices, then turn the last wire by the index's angle: it reads 1 with their mean.

    An angle of 2 arcsin(sqrt(v)) stands for the value v in [0, 1]. 2^n multiplexed rotations and as many CNOT
    (arXiv:quant-ph/0407010); the inputs are the `gray_turns` of all angles.

    Args:
        index_wires: n, for 2^n values.
    """

    def function(inputs: Any, _: Any) -> None:
        for wire in range(index_wires):
            qml.Hadamard(wire)
        gray_rotations(qml.RY, inputs, list(range(index_wires)), index_wires)

    return Circuit(function, index_wires + 1, 2**index_wires, measured=(index_wires,), name="tabulated_mean")
