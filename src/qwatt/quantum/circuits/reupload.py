"""Data re-uploading: the features enter again between trainable layers."""

from __future__ import annotations

from functools import cache
from typing import Any

import pennylane as qml

from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.ansaetze import entangling_layers, ring_layers, ring_size
from qwatt.quantum.circuits.feature_maps import angle_encoding


@cache
def amplitude_ring(
    wires: int, features: int, readouts: int, layers: int = 1, entangle: bool = True
) -> Circuit:
    """The first module of 2504.08732: values as amplitudes, `ring_layers`, Z of the first wires.

    Args:
        wires: number of qubits.
        features: values of a sample, at most 2**wires.
        readouts: wires that are read.
        layers: layers of the ring, of connectivity 1.
        entangle: False leaves every CNOT out.

    Returns:
        Circuit with n_inputs = features and weights (ring_size(wires, layers),).
    """

    def function(inputs: Any, weights: Any) -> None:
        qml.AmplitudeEmbedding(inputs, wires=range(wires), pad_with=0.0, normalize=True)
        ring_layers(weights, wires, layers, 1, entangle)

    shape = (ring_size(wires, layers, 1),)
    return Circuit(function, wires, features, shape, tuple(range(readouts)), name="amplitude_ring")


@cache
def reupload(
    wires: int,
    blocks: int = 2,
    layers: int = 1,
    connectivity: int = 1,
    entangle: bool = True,
    readouts: int = 1,
) -> Circuit:
    """The QPU module of 2504.08732: `blocks` times [RY(x_i), PQC1], then PQC2; Z of the first wires is read.

    PQC1 has the *same* angles in every block; PQC1 and PQC2 are `ring_layers` of equal shape.

    Args:
        wires: number of qubits, and of features.
        blocks: number of re-uploads N.
        layers: layers of PQC1 and of PQC2.
        connectivity: rings in a layer.
        entangle: False leaves every CNOT out.
        readouts: wires that are read, one as in the paper, one for each of several classes, or all.

    Returns:
        Circuit with n_inputs = wires and weights (2, ring_size(wires, layers, connectivity)).
    """

    def function(inputs: Any, weights: Any) -> None:
        for _ in range(blocks):
            angle_encoding(inputs, wires)
            ring_layers(weights[0], wires, layers, connectivity, entangle)
        ring_layers(weights[1], wires, layers, connectivity, entangle)

    shape = (2, ring_size(wires, layers, connectivity))
    name = "reupload" if entangle else "reupload_separable"
    return Circuit(function, wires, wires, shape, measured=tuple(range(readouts)), name=name)


@cache
def scaled_reupload(wires: int, reuploads: int = 3, layers: int = 1, entangle: bool = True) -> Circuit:
    """A policy's circuit (2103.05577): `variational_layer` whose every upload has inputs of its own.

    Who runs it scales the features by trainable numbers, others for each upload.

    Returns:
        Circuit with n_inputs = reuploads * wires, weights (reuploads, layers, wires, 3), Z of every wire.
    """

    def function(inputs: Any, weights: Any) -> None:
        for block in range(reuploads):
            angle_encoding(inputs[..., block * wires : (block + 1) * wires], wires)
            entangling_layers(weights[block], wires, entangle)

    name = "scaled_reupload" if entangle else "scaled_reupload_separable"
    return Circuit(function, wires, reuploads * wires, (reuploads, layers, wires, 3), name=name)


@cache
def variational_layer(wires: int, reuploads: int = 1, layers: int = 2, entangle: bool = True) -> Circuit:
    """A quantum layer or Fourier model (1907.02085, 2008.08605).

    `reuploads` times: RY(z_i) on every wire, then `layers` strongly entangling layers. Every
    block has angles of its own; each output is a Fourier series of degree `reuploads` in every input.

    Returns:
        Circuit with n_inputs = wires, weights (reuploads, layers, wires, 3), Z of every wire.
    """

    def function(inputs: Any, weights: Any) -> None:
        for block in range(reuploads):
            angle_encoding(inputs, wires)
            entangling_layers(weights[block], wires, entangle)

    name = "variational_layer" if entangle else "variational_layer_separable"
    return Circuit(function, wires, wires, (reuploads, layers, wires, 3), name=name)
