"""Sizes of feature maps and trainable layers; `circuits` has the circuits."""

from __future__ import annotations

import numpy as np

from qwatt.quantum.primitives import amplitudes
from qwatt.quantum.primitives.bill import LAYERS_PER_ROTATION, LogicalBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.size import CircuitSize, Number


@named("angle_map", "size")
def angle_map(qubits: Number) -> CircuitSize:
    """One rotation a qubit: n gates, depth 1.

    Args:
        qubits: n.
    """
    return CircuitSize(qubits, qubits, 0 * qubits, 0 * qubits + 1)


@named("phase_map", "size")
def phase_map(qubits: Number, repetitions: Number = 1, pairs: Number = None) -> CircuitSize:
    """The ZZ and IQP maps: a repetition is n H, n RZ, and CNOT RZ CNOT a pair (arXiv:1804.11326).

    All pairs in lexicographic order follow each other two apart: depth 2 + 3 (2 n - 3), and 3 n + 2 for each
    further repetition, which begins on the wires that are done. Fewer pairs are charged as a chain.

    Args:
        qubits: n.
        repetitions: of the map.
        pairs: that interact; without it all n (n - 1) / 2.
    """
    every = pairs is None
    count = qubits * (qubits - 1) / 2 if every else pairs
    first = 2 + 3 * (np.maximum(2 * qubits - 3, 0) if every else pairs)
    depth = first + (repetitions - 1) * (np.minimum(3 * qubits + 2, first) if every else first)
    return CircuitSize(qubits, repetitions * (2 * qubits + count), repetitions * 2 * count, depth)


@named("turned", "size")
def turned(size: CircuitSize, rotations: Number) -> CircuitSize:
    """Every wire turned before it is read: by one gate (H) to read X, by two (RZ, H) to read Y.

    Args:
        size: of the circuit that is read.
        rotations: gates a wire.
    """
    n = size.qubits
    return size.then(CircuitSize(n, rotations * n, 0 * n, 0 * n + rotations, size.measurements))


@named("cnot_phase_map", "size")
def cnot_phase_map(qubits: Number) -> CircuitSize:
    """n H, n RZ and a chain of n - 1 CNOT (doi:10.1038/s41598-022-05971-9).

    Args:
        qubits: n.
    """
    return CircuitSize(qubits, 2 * qubits, qubits - 1, qubits + 1)


@named("ring_layers", "size")
def ring_layers(qubits: Number, layers: Number, connectivity: Number = 1) -> CircuitSize:
    """Rings of CNOT-RY blocks, and one column of RY where there are several layers (arXiv:2504.08732).

    n RY and n CNOT a ring, C = connectivity rings a layer. A ring is a chain of 2 n gates: the depth is exact
    for C = 1, and at most (C + 1) / 2 times too large for more, whose rings run side by side in part.

    Args:
        qubits: n.
        layers: of rings.
        connectivity: rings in a layer.
    """
    rings = layers * connectivity
    column = np.asarray(layers > 1) * 1
    gates_1q = (rings + column) * qubits
    return CircuitSize(qubits, gates_1q, rings * qubits, 2 * rings * qubits + column)


@named("reupload", "size")
def reupload(qubits: Number, blocks: Number, layers: Number, connectivity: Number = 1) -> CircuitSize:
    """The re-uploading circuit of arXiv:2504.08732: B blocks of n RY and ring layers, then ring layers again.

    Ring layers are L layers of C rings of n CNOT and n RY, with a column of n RY if L > 1. In all
    n (B + (B + 1) (L C + [L > 1])) RY and n (B + 1) L C CNOT, depth B (1 + r) + r with r = 2 n L C + [L > 1].

    Args:
        qubits: n.
        blocks: re-uploads.
        layers: of each trainable part.
        connectivity: rings in a layer.
    """
    part = ring_layers(qubits, layers, connectivity)
    whole = angle_map(qubits).then(part).times(blocks).then(part)
    return CircuitSize(whole.qubits, whole.gates_1q, whole.gates_2q, whole.depth, 1)


@named("reupload_angles", "number")
def reupload_angles(qubits: Number, blocks: Number, layers: Number, connectivity: Number = 1) -> Number:
    """Gate angles of the re-uploading circuit, inputs included: one for every RY of `reupload`.

    Args:
        qubits: n.
        blocks: re-uploads.
        layers: of each trainable part.
        connectivity: rings in a layer.
    """
    return reupload(qubits, blocks, layers, connectivity).gates_1q


@named("entangling_layers", "size")
def entangling_layers(qubits: Number, layers: Number, uploads: Number = 0) -> CircuitSize:
    """Strongly entangling layers: n Rot and n CNOT a layer, behind n RY for each upload (arXiv:1804.00633).

    Rot is one gate. A ring of CNOT is a chain of at most n: depth at most n + 1 a layer.

    Args:
        qubits: n.
        layers: in all, or behind each upload.
        uploads: of the inputs, each with layers of its own; 0 for layers alone.
    """
    entangled = np.asarray(qubits > 1) * qubits
    part = CircuitSize(qubits, layers * qubits, layers * entangled, layers * (entangled + 1))
    alone = np.asarray(np.equal(uploads, 0)) * 1
    return angle_map(qubits).times(uploads).then(part.times(uploads + alone))


@named("hardware_efficient", "size")
def hardware_efficient(qubits: Number, layers: Number) -> CircuitSize:
    """L + 1 columns of RY and RZ with a line of n - 1 CZ between columns (arXiv:1704.05018).

    A line of CZ is two layers, one for two qubits.

    Args:
        qubits: n.
        layers: L, lines of CZ.
    """
    lines = np.minimum(qubits - 1, 2) * layers
    return CircuitSize(qubits, 2 * qubits * (layers + 1), (qubits - 1) * layers, 2 * (layers + 1) + lines)


@named("brickwork", "size")
def brickwork(qubits: Number, layers: Number) -> CircuitSize:
    """Columns of RY with bricks of CZ between them: n (L + 1) RY, n / 2 and (n - 1) / 2 CZ by turns.

    Depth 2 L + 1; of two qubits only every other layer has a brick (arXiv:2103.13211's family with CZ).

    Args:
        qubits: n.
        layers: L, bricks.
    """
    even, odd = np.floor(qubits / 2), np.floor((qubits - 1) / 2)
    gates_2q = np.ceil(layers / 2) * even + np.floor(layers / 2) * odd
    bricks = np.where(np.greater(qubits, 2), layers, np.ceil(layers / 2) * (qubits - 1))
    return CircuitSize(qubits, qubits * (layers + 1), gates_2q, layers + 1 + bricks)


@named("variational_svd", "size")
def variational_svd(qubits: Number, layers: Number) -> CircuitSize:
    """A 2^n x 2^n matrix as amplitudes of 2 n qubits, then a brickwork on its rows and one on its columns.

    The circuit of arXiv:1905.01353 and arXiv:2006.02336.

    Args:
        qubits: n, of each register.
        layers: bricks of each brickwork.
    """
    bricks = brickwork(qubits, layers)
    both = CircuitSize(2 * qubits, 2 * bricks.gates_1q, 2 * bricks.gates_2q, bricks.depth)
    return amplitudes.size(2 * qubits).then(both)


@named("rotations", "size")
def rotations(qubits: Number, angles: Number, per_entangler: Number = 3) -> CircuitSize:
    """A generic variational circuit: its angles are one-qubit gates, one two-qubit gate to every few of them.

    Layers are full: depth = 2 angles / qubits, rotations and entanglers by turns.

    Args:
        qubits: n.
        angles: rotations.
        per_entangler: rotations to one two-qubit gate.
    """
    return CircuitSize(qubits, angles, angles / per_entangler, 2 * angles / qubits)


@named("rotations_logical", "logical")
def rotations_logical(qubits: Number, angles: Number, runs: Number = 1) -> LogicalBill:
    """The generic circuit with error correction: its angles, as many at a time as there are qubits.

    20 logical layers a rotation.

    Args:
        qubits: n.
        angles: rotations.
        runs: circuits times shots.
    """
    return LogicalBill(qubits, 0, angles, LAYERS_PER_ROTATION * angles / qubits, runs)
