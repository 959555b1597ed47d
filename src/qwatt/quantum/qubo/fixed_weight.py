"""QAOA that keeps the number of ones: Dicke start, XY-ring mixer, so that every shot is feasible."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pennylane as qml

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.qaoa import cost_layer, ising_terms, mix_xy_ring

if TYPE_CHECKING:
    import dimod


def prepare_dicke(wires: int, ones: int) -> None:
    """Queue the uniform superposition of all strings with `ones` ones, O(wires * ones) gates (1904.07358).

    Raises:
        QwattError: `ones` is not between 0 and `wires`.
    """
    if not 0 <= ones <= wires:
        raise QwattError(f"a string of {wires} bits cannot hold {ones} ones")
    fewer = min(ones, wires - ones)
    for wire in range(wires - fewer, wires):
        qml.PauliX(wire)
    for last in range(wires - 1, 0, -1) if fewer else ():
        _split_and_shift(last, min(fewer, last))
    if fewer != ones:
        for wire in range(wires):
            qml.PauliX(wire)


def _split_and_shift(last: int, ones: int) -> None:
    """Queue the paper's SCS block on wires 0..last."""
    for i in range(1, ones + 1):
        angle = 2.0 * math.acos(math.sqrt(i / (last + 1)))
        controls = [last] if i == 1 else [last, last - i + 1]
        qml.CNOT([last - i, last])
        qml.ctrl(qml.RY(angle, wires=last - i), control=controls)
        qml.CNOT([last - i, last])


@lru_cache(maxsize=256)
def dicke_circuit(wires: int, ones: int) -> Circuit:
    """Return the start of fixed-weight QAOA alone."""
    return Circuit(lambda x, w: prepare_dicke(wires, ones), wires, name="dicke")


@lru_cache(maxsize=256)
def ring_mixer_circuit(wires: int) -> Circuit:
    """Return one XY-ring mixer alone; its weight is beta."""
    return Circuit(lambda x, w: mix_xy_ring(w[0], wires), wires, 0, (1,), name="xy_ring")


def fixed_weight_qaoa(bqm: dimod.BinaryQuadraticModel, layers: int, ones: int) -> Circuit:
    """Return the QAOA circuit with weights (2, layers): gammas, then betas.

    Args:
        bqm: model of any variable type, at least 2 variables.
        layers: p.
        ones: number of ones (or spins up) of every sample.
    """
    fields, bonds = ising_terms(bqm)
    n = bqm.num_variables

    def function(_: Any, weights: Any) -> None:
        prepare_dicke(n, ones)
        for layer in range(layers):
            cost_layer(fields, bonds, weights[0, layer])
            mix_xy_ring(weights[1, layer], n)

    return Circuit(function, n, 0, (2, layers), name="qaoa_fixed_weight")
