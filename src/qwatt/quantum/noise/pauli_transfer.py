"""Exact noisy simulation in the Pauli basis: a density matrix of n wires is 4**n real coefficients.

A gate with its noise is a real 4x4 matrix on one wire; CZ maps Pauli strings to Pauli strings, and a
depolarising error after it scales them, so both are one signed, scaled permutation.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from qwatt.quantum.noise.native import Matrix, NativeCircuit
from qwatt.quantum.noise.rates import ErrorRates
from qwatt.quantum.noise.schedule import schedule
from qwatt.quantum.noise.states import on_wires

Coefficients = NDArray[np.float64]

_PAULIS = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
_X, _Y, _Z = 1, 2, 3


def pauli_transfer_probs(circuit: NativeCircuit, rates: ErrorRates) -> Coefficients:
    """Return the probabilities of all measured bit strings, read-out errors included: (batch, 2**wires).

    Memory is 2 x 8 x 4**wires bytes a sample.
    """
    n = circuit.wires
    state = torch.zeros(circuit.batch, 4**n, dtype=torch.float64)
    state[:, [_string(bits, n) for bits in range(2**n)]] = 1.0
    due: dict[int, Coefficients] = {}
    for layer, errors in zip(circuit.layers, schedule(circuit, rates), strict=True):
        for wire, gate in layer.gates.items():
            kept = (1.0 - 4.0 / 3.0 * rates.pauli_1q) ** errors.pulsed.get(wire, 0)
            _put(due, wire, np.diag([1.0, kept, kept, kept]) @ transfer(gate))
        if layer.pairs:
            paired = [wire for pair in layer.pairs for wire in pair if wire in due]
            state = on_wires(state, {wire: due.pop(wire) for wire in paired}, n)
            source, scale = _cz(tuple(layer.pairs), n, rates.pauli_2q)
            state = state[:, source].mul_(scale)
        for wire, seconds in errors.waits.items():
            _put(due, wire, _waiting(rates, seconds))
    for wire in range(n):
        _put(due, wire, np.diag([1.0, 0.0, 0.0, 1.0 - 2.0 * rates.readout]))
    return _diagonal(on_wires(state, due, n).numpy(), n)


def _put(due: dict[int, Coefficients], wire: int, matrix: Coefficients) -> None:
    """Let a matrix follow what is due on a wire; it waits there until the wire meets a CZ or is measured."""
    due[wire] = matrix @ due[wire] if wire in due else matrix


def transfer(gate: Matrix) -> Coefficients:
    """Return the Pauli transfer matrix of one-qubit gates, R_ij = Tr(P_i U P_j U+)/2: (..., 4, 4)."""
    turned = np.einsum("...ab,jbc,...dc->...jad", gate, _PAULIS, gate.conj())
    return np.asarray(np.einsum("iab,...jba->...ij", _PAULIS, turned).real / 2.0)


def _waiting(rates: ErrorRates, seconds: float) -> Coefficients:
    flat, kept, restored = rates.waiting(seconds)
    matrix = np.diag([1.0, flat, flat, kept])
    matrix[_Z, 0] = restored
    return matrix


@lru_cache(maxsize=64)
def _cz(pairs: tuple[tuple[int, int], ...], n: int, pauli_2q: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Return source index and factor of every Pauli string under a layer of noisy CZ."""
    strings = np.arange(4**n)
    source, scale = strings.copy(), np.ones(4**n)
    for first, second in pairs:
        a, b = ((strings >> 2 * (n - 1 - wire)) & 3 for wire in (first, second))
        moves_a, moves_b = (a == _X) | (a == _Y), (b == _X) | (b == _Y)
        new_a, new_b = np.where(moves_b, 3 - a, a), np.where(moves_a, 3 - b, b)
        source += (new_a - a) << 2 * (n - 1 - first)
        source += (new_b - b) << 2 * (n - 1 - second)
        scale[moves_a & moves_b & (a != b)] *= -1.0
        scale[(a > 0) | (b > 0)] *= 1.0 - 16.0 / 15.0 * pauli_2q
    return torch.as_tensor(source), torch.as_tensor(scale)


def _string(bits: int, n: int) -> int:
    """Return the index of the Pauli string with Z where `bits` is 1 and I elsewhere."""
    return sum(_Z << 2 * wire for wire in range(n) if bits >> wire & 1)


def _diagonal(state: Coefficients, n: int) -> Coefficients:
    """Return the diagonal of the density matrices by a Walsh-Hadamard transform of their I and Z strings."""
    values = state[:, [_string(bits, n) for bits in range(2**n)]].reshape(len(state), *[2] * n)
    for axis in range(1, n + 1):
        plus, minus = np.take(values, 0, axis), np.take(values, 1, axis)
        values = np.stack([plus + minus, plus - minus], axis)
    return np.asarray(values.reshape(len(state), 2**n) / 2**n)
