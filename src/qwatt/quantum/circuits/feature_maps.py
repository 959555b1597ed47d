"""Feature maps: a sample's values as rotation angles, as phases of products, or as amplitudes."""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations
from typing import Any

import pennylane as qml

from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.circuit import Circuit

_ROTATIONS = {"X": qml.RX, "Y": qml.RY, "Z": qml.RZ}


def angle_encoding(inputs: Any, wires: int, axis: str = "Y") -> None:
    """Rotate wire i by `inputs[..., i]` (shape (wires,) or (batch, wires)).

    Raises:
        QwattError: `axis` is not X, Y or Z.
    """
    if axis not in _ROTATIONS:
        raise unknown_name("rotation axis", axis, _ROTATIONS)
    for i in range(wires):
        _ROTATIONS[axis](inputs[..., i], wires=i)


@cache
def angle_map(wires: int, axis: str = "Y") -> Circuit:
    """One feature a wire: R_axis(x_i). The RY kernel is prod cos^2((x_i - y_i)/2)."""
    return Circuit(lambda x, _: angle_encoding(x, wires, axis), wires, wires, name=f"angle_{axis.lower()}")


@cache
def amplitude_map(wires: int, features: int | None = None) -> Circuit:
    """Amplitudes proportional to the sample's values, padded with zeros (its kernel is cos^2 of the angle).

    Args:
        wires: number of qubits; `features` may be at most 2**wires.
        features: values per sample; the default is 2**wires.

    Raises:
        QwattError: more features than amplitudes.
    """
    size = 2**wires if features is None else features
    if not 1 <= size <= 2**wires:
        raise QwattError(f"{size} features do not fit the 2**{wires} amplitudes of {wires} wires")

    def encode(inputs: Any, _: Any) -> None:
        qml.AmplitudeEmbedding(inputs, wires=range(wires), pad_with=0.0, normalize=True)

    return Circuit(encode, wires, size, name="amplitude")


def pairs_of(wires: int, entanglement: str) -> list[tuple[int, int]]:
    """Return the pairs of wires that interact: "full", "linear", "ring" or "none".

    Raises:
        QwattError: unknown entanglement.
    """
    line = [(i, i + 1) for i in range(wires - 1)]
    if entanglement == "full":
        return list(combinations(range(wires), 2))
    if entanglement == "none":
        return []
    if entanglement not in ("linear", "ring"):
        raise unknown_name("entanglement", entanglement, ("full", "linear", "ring", "none"))
    return [*line, (wires - 1, 0)] if entanglement == "ring" and wires > 2 else line


@cache
def zz_map(wires: int, repetitions: int = 2, entanglement: str = "full") -> Circuit:
    """The ZZ map of 1804.11326 in Qiskit's convention.

    Per repetition: H on every wire, phase 2 x_i on wire i, phase 2 (pi - x_i)(pi - x_j) on the parity of
    each interacting pair i, j.
    """
    angles = (lambda a: 2 * a, lambda a, b: 2 * (math.pi - a) * (math.pi - b))
    return _phase_map("zz", wires, repetitions, entanglement, angles)


@cache
def iqp_map(wires: int, repetitions: int = 1, entanglement: str = "full") -> Circuit:
    """The IQP map in PennyLane's convention: per repetition H, RZ(x_i), and ZZ rotation by x_i x_j."""
    return _phase_map("iqp", wires, repetitions, entanglement, (lambda a: a, lambda a, b: a * b))


@cache
def phase_angles(wires: int, entanglement: str = "full") -> Circuit:
    """One repetition of the IQP map whose inputs are the angles of its gates, each the angle of one rotation.

    H on every wire, RZ by the first `wires` inputs, ZZ rotations by the rest. So the two-term shift rule can
    be used, as it cannot on a map of features whose products are angles too.

    Args:
        wires: number of qubits.
        entanglement: "full", "linear" or "ring"; "none" leaves the ZZ rotations out.
    """
    pairs = [] if entanglement == "none" else pairs_of(wires, entanglement)

    def encode(inputs: Any, _: Any) -> None:
        for i in range(wires):
            qml.Hadamard(i)
        for i in range(wires):
            qml.RZ(inputs[..., i], wires=i)
        for number, pair in enumerate(pairs):
            qml.IsingZZ(inputs[..., wires + number], wires=list(pair))

    return Circuit(encode, wires, wires + len(pairs), name=f"phase_angles_{entanglement}")


def _phase_map(name: str, wires: int, repetitions: int, entanglement: str, angles: Any) -> Circuit:
    pairs = pairs_of(wires, entanglement)
    one, two = angles

    def encode(inputs: Any, _: Any) -> None:
        for _repetition in range(repetitions):
            for i in range(wires):
                qml.Hadamard(i)
            for i in range(wires):
                qml.RZ(one(inputs[..., i]), wires=i)
            for i, j in pairs:
                qml.IsingZZ(two(inputs[..., i], inputs[..., j]), wires=[i, j])

    return Circuit(encode, wires, wires, name=f"{name}_{entanglement}")


@cache
def read_across(feature_map: Circuit, axis: str) -> Circuit:
    """Measure every wire of a map in X or Y instead of Z, for projected kernels (arXiv:2011.01938).

    Raises:
        QwattError: `axis` is neither X nor Y.
    """
    if axis not in ("X", "Y"):
        raise unknown_name("axis", axis, ("X", "Y"))

    def function(inputs: Any, weights: Any) -> None:
        feature_map.function(inputs, weights)
        for wire in range(feature_map.wires):
            if axis == "Y":
                qml.RZ(-math.pi / 2, wires=wire)
            qml.Hadamard(wire)

    return Circuit(
        function, feature_map.wires, feature_map.n_inputs, name=f"{feature_map.name}_{axis.lower()}"
    )


@cache
def cnot_phase_map(wires: int) -> Circuit:
    """H, RZ(x_i), then CNOTs between neighbours: the N-qubit encoding of doi 10.1038/s41598-022-05971-9.

    After one layer the CNOTs permute phases only, so its fidelity kernel equals that of the product map.
    """

    def encode(inputs: Any, _: Any) -> None:
        for i in range(wires):
            qml.Hadamard(i)
            qml.RZ(inputs[..., i], wires=i)
        for i in range(wires - 1):
            qml.CNOT([i, i + 1])

    return Circuit(encode, wires, wires, name="cnot_phase")
