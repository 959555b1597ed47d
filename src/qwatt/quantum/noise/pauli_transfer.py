"""Exact noisy simulation in the Pauli basis: a density matrix of n wires is 4**n real coefficients.

A gate with its noise is a real 4x4 matrix on one wire; CZ maps Pauli strings to Pauli strings, and a
depolarising error after it scales them, so both are one signed, scaled permutation.
"""

from __future__ import annotations

from collections.abc import Iterable
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


Step = dict[int, Coefficients] | tuple[torch.Tensor, torch.Tensor]
"""One linear map: matrices by wire, or source and factor of every Pauli string."""


def pauli_transfer_probs(circuit: NativeCircuit, rates: ErrorRates) -> Coefficients:
    """Return the probabilities of all measured bit strings, read-out errors included: (batch, 2**wires).

    Memory is 2 x 8 x 4**wires bytes a sample.
    """
    n = circuit.wires
    state = _forward(circuit, steps(circuit, rates))
    return _diagonal(on_wires(state, _readout(n, rates), n).numpy(), n)


def pauli_transfer_overlaps(
    first: NativeCircuit, second: NativeCircuit, rates: ErrorRates
) -> NDArray[np.float64]:
    """Return the chances of reading all zeros after every pair of circuits, a barrier between them.

    The first circuits run forward from |0...0>, the second backward from the measurement (Heisenberg
    picture), so that N and M simulations and one product replace N x M simulations.

    Args:
        first: N samples.
        second: M samples, run after the first.
        rates: the QPU's errors.

    Returns:
        Shape (N, M).
    """
    n = first.wires
    used = {wire for layer in first.layers for wire in (*layer.gates, *(w for p in layer.pairs for w in p))}
    states = _forward(first, steps(first, rates))
    effects = torch.zeros(second.batch, 4**n, dtype=torch.float64)
    effects[:, [_string(bits, n) for bits in range(2**n)]] = 0.5**n
    for step in reversed([*steps(second, rates, used), _readout(n, rates)]):
        if isinstance(step, dict):
            effects = on_wires(effects, {wire: m.swapaxes(-1, -2) for wire, m in step.items()}, n)
        else:
            source, scale = step
            effects = (effects * scale)[:, source]
    return np.asarray((states @ effects.T).numpy())


def steps(circuit: NativeCircuit, rates: ErrorRates, used: Iterable[int] = ()) -> list[Step]:
    """Return the noisy circuit as linear maps, in order, without the read-out.

    What is due on a wire gathers until the wire meets a CZ, or until the end.
    """
    found: list[Step] = []
    due: dict[int, Coefficients] = {}
    for layer, errors in zip(circuit.layers, schedule(circuit, rates, used), strict=True):
        for wire, gate in layer.gates.items():
            kept = (1.0 - 4.0 / 3.0 * rates.pauli_1q) ** errors.pulsed.get(wire, 0)
            _put(due, wire, np.diag([1.0, kept, kept, kept]) @ transfer(gate))
        if layer.pairs:
            paired = [wire for pair in layer.pairs for wire in pair if wire in due]
            found.append({wire: due.pop(wire) for wire in paired})
            found.append(_cz(tuple(layer.pairs), circuit.wires, rates.pauli_2q))
        for wire, seconds in errors.waits.items():
            _put(due, wire, _waiting(rates, seconds))
    return [*found, due]


def _forward(circuit: NativeCircuit, maps: list[Step]) -> torch.Tensor:
    n = circuit.wires
    state = torch.zeros(circuit.batch, 4**n, dtype=torch.float64)
    state[:, [_string(bits, n) for bits in range(2**n)]] = 1.0
    for step in maps:
        if isinstance(step, dict):
            state = on_wires(state, step, n)
        else:
            source, scale = step
            state = state[:, source].mul_(scale)
    return state


def _readout(n: int, rates: ErrorRates) -> dict[int, Coefficients]:
    return dict.fromkeys(range(n), np.diag([1.0, 0.0, 0.0, 1.0 - 2.0 * rates.readout]))


def _put(due: dict[int, Coefficients], wire: int, matrix: Coefficients) -> None:
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
