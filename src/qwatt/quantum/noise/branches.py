"""Noisy look-ups of any width: few basis states have amplitude, and Pauli errors keep them few.

A look-up is controlled flips and swaps, signs, and a Hadamard on a bus or two. Of N addresses about N basis
states have amplitude, whatever the number of routers; X errors flip their bits, Z errors their signs. So
dozens of qubits are simulated as rows of bits (arXiv:2012.05340 simulates its routers so).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.quantum.circuits.qram import Table, query, registers


@dataclass(frozen=True)
class Move:
    """One gate.

    Args:
        kind: "X", "Z", "SWAP" or "H".
        controls: wires, each with the value on which the gate acts.
        targets: one wire, or two of a swap.
    """

    kind: str
    controls: tuple[tuple[int, bool], ...]
    targets: tuple[int, ...]

    @property
    def wires(self) -> tuple[int, ...]:
        """All wires that it touches."""
        return (*(wire for wire, _ in self.controls), *self.targets)


@dataclass(frozen=True)
class NoisyQuery:
    """Fidelity of one look-up of all addresses in superposition.

    Args:
        fidelity: of address and word, with the work qubits traced out; mean of the runs.
        error: standard error of that mean.
        gates: flips, swaps, signs and Hadamards that could fail.
        qubits: address, word and work.
    """

    fidelity: float
    error: float
    gates: int
    qubits: int


class Branches:
    """A state of few basis states.

    Args:
        bits: shape (branches, wires).
        amplitudes: shape (branches,), real.
    """

    def __init__(self, bits: NDArray[np.bool_], amplitudes: NDArray[np.float64]) -> None:
        self.bits, self.amplitudes = bits, amplitudes

    @classmethod
    def addresses(cls, entries: int, wires: int) -> Branches:
        """Return all addresses in superposition, other wires 0."""
        bits = np.zeros((entries, wires), dtype=bool)
        address = entries.bit_length() - 1
        bits[:, :address] = (np.arange(entries)[:, None] >> np.arange(address)[::-1]) & 1
        return cls(bits, np.full(entries, entries**-0.5))

    def apply(self, move: Move) -> None:
        """Apply one gate."""
        if move.kind == "H":
            self._split(move.targets[0])
            return
        acts = np.ones(len(self.bits), dtype=bool)
        for wire, value in move.controls:
            acts &= self.bits[:, wire] == value
        first, last = move.targets[0], move.targets[-1]
        if move.kind == "X":
            self.bits[:, first] ^= acts
        elif move.kind == "Z":
            self.amplitudes = np.where(acts & self.bits[:, first], -self.amplitudes, self.amplitudes)
        else:
            differ = acts & (self.bits[:, first] != self.bits[:, last])
            self.bits[:, first] ^= differ
            self.bits[:, last] ^= differ

    def _split(self, wire: int) -> None:
        """Apply a Hadamard: two branches of each, and those of equal bits become one."""
        low, high = self.bits.copy(), self.bits.copy()
        low[:, wire], high[:, wire] = False, True
        signs = np.where(self.bits[:, wire], -1.0, 1.0)
        both = np.concatenate([self.amplitudes, self.amplitudes * signs]) / np.sqrt(2.0)
        self.bits, place = np.unique(np.concatenate([low, high]), axis=0, return_inverse=True)
        self.amplitudes = np.asarray(np.bincount(place.ravel(), both, len(self.bits)), dtype=np.float64)
        kept = np.abs(self.amplitudes) > 1e-12
        self.bits, self.amplitudes = self.bits[kept], self.amplitudes[kept]

    def fidelity(self, table: Table) -> float:
        """Return <ideal| rho |ideal> of address and word: branches of equal work qubits interfere."""
        entries, width = len(table), len(table[0])
        wires = entries.bit_length() - 1
        addresses = self.bits[:, :wires] @ (1 << np.arange(wires)[::-1])
        words = np.array(table, dtype=bool)[addresses]
        right = (self.bits[:, wires : wires + width] == words).all(axis=1)
        sums: dict[bytes, float] = {}
        for row in np.flatnonzero(right):
            work = self.bits[row, wires + width :].tobytes()
            sums[work] = sums.get(work, 0.0) + float(self.amplitudes[row])
        return sum(total**2 for total in sums.values()) / entries


def noisy_query(
    kind: str, table: Table, gate_error: float, runs: int, rng: np.random.Generator, swaps: int = 1
) -> NoisyQuery:
    """Return the fidelity of a query with depolarising noise on each wire that a gate touched, behind it.

    Args:
        kind: "select", "qrom" or "bucket_brigade".
        table: words as tuples of bits.
        gate_error: probability that a wire has X, Y or Z after a gate, a third each.
        runs: sampled runs, at least 2.
        rng: where errors strike.
        swaps: see `circuits.qram.registers`.
    """
    at = registers(kind, len(table), len(table[0]), swaps)
    moves = query_moves(kind, table, swaps)
    found = np.array([_one_fidelity(moves, table, at.wires, gate_error, rng) for _ in range(runs)])
    error = float(found.std(ddof=1) / np.sqrt(runs))
    return NoisyQuery(float(found.mean()), error, len(moves), at.wires)


def query_moves(kind: str, table: Table, swaps: int = 1) -> list[Move]:
    """Return the gates of a look-up in order."""
    at = registers(kind, len(table), len(table[0]), swaps)
    with qml.queuing.AnnotatedQueue() as queue:
        query(kind, table, at)
    with qml.QueuingManager.stop_recording():
        operations = qml.tape.QuantumScript.from_queue(queue).operations
        return [move for op in operations for move in _moves(op)]


def _one_fidelity(
    moves: Sequence[Move], table: Table, wires: int, gate_error: float, rng: np.random.Generator
) -> float:
    struck = [rng.random(len(move.wires)) < gate_error for move in moves]
    if not any(hits.any() for hits in struck):
        return 1.0  # no error, no doubt
    state = Branches.addresses(len(table), wires)
    for move, hits in zip(moves, struck, strict=True):
        state.apply(move)
        for wire in np.array(move.wires)[hits].tolist():
            pauli = int(rng.integers(3))  # X, Y, Z; the phase of Y is one for all branches
            if pauli > 0:
                state.apply(Move("Z", (), (wire,)))
            if pauli < 2:
                state.apply(Move("X", (), (wire,)))
    return state.fidelity(table)


def _moves(op: Any) -> Iterator[Move]:
    """Write an operation as moves, decomposing what is larger.

    Raises:
        QwattError: it makes other superpositions.
    """
    base, controls = op, list[tuple[int, bool]]()
    if isinstance(op, qml.ops.Controlled):
        base = op.base
        controls = list(zip(map(int, op.control_wires), map(bool, op.control_values), strict=True))
    kind = {"PauliX": "X", "PauliZ": "Z", "SWAP": "SWAP", "Hadamard": "H"}.get(base.name)
    if kind and not (kind == "H" and controls):
        yield Move(kind, tuple(controls), tuple(map(int, base.wires)))
    elif op.has_decomposition:
        for part in op.decomposition():
            yield from _moves(part)
    else:
        raise QwattError(f"{op.name} is no flip, swap, sign or Hadamard", where="noisy look-up")
