"""Trainable layers: a ring of CNOT-RY blocks, strongly entangling, hardware-efficient."""

from __future__ import annotations

from functools import cache
from typing import Any

import pennylane as qml

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit


def ring_size(wires: int, layers: int, connectivity: int = 1) -> int:
    """Number of angles of `ring_layers`: layers * connectivity * wires, plus one column of `wires`.

    Figure 3 of 2504.08732 draws 28 angles for 4 wires, connectivity 2 and 3 layers: 3*2*4 in the rings and
    4 in a single column of RY between the first layer and the rest (a column after every layer but the last
    would make 32). A single layer has nothing to separate and gets no column.

    Raises:
        QwattError: no layer, or a connectivity outside 1..wires-1.
    """
    if layers < 1 or not 1 <= connectivity < wires:
        raise QwattError(f"a ring of {wires} wires has no {layers} layers of connectivity {connectivity}")
    return layers * connectivity * wires + (wires if layers > 1 else 0)


def ring_layers(weights: Any, wires: int, layers: int, connectivity: int = 1, entangle: bool = True) -> None:
    """The variational block of 2504.08732, figure 3.

    A layer of connectivity C is, for c = 1..C, a ring of blocks: CNOT(i -> i+c mod wires), then RY on the
    target. After the first of several layers stands one column of RY.

    Args:
        weights: angles, shape (ring_size(wires, layers, connectivity),).
        wires: number of qubits.
        layers: number of layers.
        connectivity: C, the number of rings in a layer.
        entangle: False leaves the CNOTs out, the control that shows what they are worth.
    """
    angles = iter(range(ring_size(wires, layers, connectivity)))
    for layer in range(layers):
        for reach in range(1, connectivity + 1):
            for i in range(wires):
                target = (i + reach) % wires
                if entangle:
                    qml.CNOT([i, target])
                qml.RY(weights[next(angles)], wires=target)
        if layer == 0 and layers > 1:
            for i in range(wires):
                qml.RY(weights[next(angles)], wires=i)


@cache
def ring_ansatz(wires: int, layers: int = 1, connectivity: int = 1, entangle: bool = True) -> Circuit:
    """`ring_layers` on |0...0>; no inputs, weights (ring_size,)."""
    shape = (ring_size(wires, layers, connectivity),)
    return Circuit(
        lambda _, w: ring_layers(w, wires, layers, connectivity, entangle),
        wires,
        0,
        shape,
        name="ring" if entangle else "ring_separable",
    )


def entangling_layers(weights: Any, wires: int, entangle: bool = True) -> None:
    """Strongly entangling layers (1804.00633): Rot on every wire, then CNOT(i -> i + 1 + l mod (wires-1)).

    Args:
        weights: shape (layers, wires, 3).
        wires: number of qubits.
        entangle: False leaves the CNOTs out.
    """
    for layer in range(weights.shape[0]):
        for i in range(wires):
            qml.Rot(weights[layer, i, 0], weights[layer, i, 1], weights[layer, i, 2], wires=i)
        if entangle and wires > 1:
            reach = layer % (wires - 1) + 1
            for i in range(wires):
                qml.CNOT([i, (i + reach) % wires])


@cache
def strongly_entangling(wires: int, layers: int = 2, entangle: bool = True) -> Circuit:
    """`entangling_layers` on |0...0>, equal to `qml.StronglyEntanglingLayers`; weights (layers, wires, 3)."""
    return Circuit(
        lambda _, w: entangling_layers(w, wires, entangle),
        wires,
        0,
        (layers, wires, 3),
        name="strongly_entangling" if entangle else "separable_rotations",
    )


def efficient_layers(weights: Any, wires: int, entangle: bool = True) -> None:
    """Hardware-efficient layers (1704.05018): columns of RY and RZ with a line of CZ between columns.

    Args:
        weights: shape (layers + 1, wires, 2), so that L layers have L+1 columns.
        wires: number of qubits.
        entangle: False leaves the CZs out.
    """
    for column in range(weights.shape[0]):
        if column and entangle:
            for first in (0, 1):
                for i in range(first, wires - 1, 2):
                    qml.CZ([i, i + 1])
        for i in range(wires):
            qml.RY(weights[column, i, 0], wires=i)
            qml.RZ(weights[column, i, 1], wires=i)


@cache
def hardware_efficient(wires: int, layers: int = 2, entangle: bool = True) -> Circuit:
    """`efficient_layers` on |0...0>; weights (layers + 1, wires, 2)."""
    return Circuit(
        lambda _, w: efficient_layers(w, wires, entangle),
        wires,
        0,
        (layers + 1, wires, 2),
        name="hardware_efficient" if entangle else "hardware_efficient_separable",
    )
