"""What the look-ups in superposition share: a table of levels that a QPU reads, a code that names levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import expectation
from qwatt.quantum.primitives.bill import BILL_SHOTS
from qwatt.quantum.primitives.size import size_of
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.lloyd_max import LloydMax, normal_levels
from qwatt.stages.encoding.load.problem import LoadAnswer, LoadProblem
from qwatt.stages.encoding.load.query_noise import query_fidelities

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import engine
    from qwatt.quantum.circuits import qram
else:
    torch, engine = lazy("torch"), lazy("qwatt.quantum.engine")
    qram = lazy("qwatt.quantum.circuits.qram")

WORD_BITS = 8


class LookupMethod(LloydMax):
    """Base: the code of `lloyd-max`, whose table is looked up with all addresses in superposition.

    A measured query yields one address and its word, so that reading the whole table takes many. It is read
    once, when encoding, and used for every number of every vector since. Were it looked up at each use, the
    look-ups would be those of `projected`: a memory that costs a circuit a read.

    Class attributes:
        lookup: kind of look-up, as `circuits.qram` calls it.
        entries: addresses of one circuit; a longer table is cut.
        word: bits of one circuit's words; longer words are cut.
    """

    kind: ClassVar[Kind] = Kind.QUANTUM
    companions = ("lloyd-max", "random-vectors", "float32")
    limits = {"bits": (1, WORD_BITS)}
    lookup: ClassVar[str]
    entries: ClassVar[int] = 16
    word: ClassVar[int] = WORD_BITS
    assumes: ClassVar[str] = "the table is read once"

    def apply(
        self, problem: LoadProblem, solution: Solution[LoadAnswer], settings: Settings, context: Context
    ) -> Solution[LoadAnswer]:
        """Answer, and say how many look-ups it would take without a copy of the table in memory."""
        applied = super().apply(problem, solution, settings, context)
        lookups = float(len(problem.test) * problem.stored.size)
        return replace(applied, projected={"lookups_without_a_copy": lookups})

    def further(self, code: Code) -> Mapping[str, Any]:
        """Return how truly a noisy QPU answers a query, beside the published experiment."""
        return {"noisy_query": query_fidelities(self.lookup, int(code.config.get("swaps", 1)))}

    def read_table(
        self, levels: NDArray[np.float64], settings: Settings, context: Context
    ) -> tuple[NDArray[np.float64], dict[str, Any]]:
        """Look all levels up, and take of each address the word that was read most often."""
        backend, words = circuit_backend(context), words_of(levels)
        shots, read = context.shots or BILL_SHOTS, np.zeros_like(words)
        unread = 0
        for rows, columns, circuit in self.circuits(words, settings):
            with context.circuits():
                found = backend.sample(circuit, shots=shots, rng=context.rng)[0][:, list(circuit.readout)]
            with context.phase(Ring.LOADING, "read"):
                part, missed = most_read(found, rows.stop - rows.start)
                read[rows, columns] = part
                unread += missed
        return levels_of(read, levels), {"unread": unread, "wrong_bits": int((read != words).sum())}

    def circuits(self, words: NDArray[np.int64], settings: Settings) -> Iterator[tuple[slice, slice, Any]]:
        """Yield which entries and bits a circuit reads, and the circuit."""
        swaps = int(settings.get("swaps", 1))
        for row in range(0, len(words), self.entries):
            for column in range(0, WORD_BITS, self.word):
                rows, columns = slice(row, row + self.entries), slice(column, column + self.word)
                table = tuple(tuple(int(bit) for bit in word) for word in words[rows, columns])
                yield rows, columns, qram.lookup(self.lookup, table, swaps)

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Bill one circuit a part of the table, each with the shots."""
        words = words_of(normal_levels(int(settings["bits"])))
        circuits = [circuit for _, _, circuit in self.circuits(words, settings)]
        bills = [expectation.demand(circuit, 1, shots or BILL_SHOTS, "sample") for circuit in circuits]
        flops = sum(expectation.simulation_flops(circuit, 1) for circuit in circuits)
        sizes = [size_of(circuit) for circuit in circuits]
        work = {"lowered_gate": float(sum(size.gates_1q + size.gates_2q for size in sizes))}
        return super().encode_effort(problem, settings, shots) + Effort(Demand.sum(bills), work, flops)


def words_of(levels: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the levels as bits, shape (levels, `WORD_BITS`), most significant first; 128 is zero."""
    numbers = np.rint(levels / _step(levels)).astype(np.int64) + 2 ** (WORD_BITS - 1)
    return np.asarray((numbers[:, None] >> np.arange(WORD_BITS)[::-1]) & 1, dtype=np.int64)


def levels_of(words: NDArray[np.int64], levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what `words_of` these levels stand for."""
    numbers = (words << np.arange(WORD_BITS)[::-1]).sum(axis=1) - 2 ** (WORD_BITS - 1)
    return np.asarray(numbers * _step(levels))


def most_read(bits: NDArray[np.int8], entries: int) -> tuple[NDArray[np.int64], int]:
    """Return the most frequent word of each address, shape (entries, word bits), and how many were not seen.

    Args:
        bits: address and word of each shot, most significant bits first, shape (shots, wires).
        entries: N; an address that no shot has is all zeros.
    """
    wires = entries.bit_length() - 1
    addresses = _number(bits[:, :wires])
    words = bits[:, wires:]
    found = np.zeros((entries, words.shape[1]), dtype=np.int64)
    seen: Sequence[int] = np.unique(addresses).tolist()
    for address in seen:
        each, counts = np.unique(words[addresses == address], axis=0, return_counts=True)
        found[address] = each[counts.argmax()]
    return found, entries - len(seen)


def _number(bits: NDArray[np.int8]) -> NDArray[np.int64]:
    powers = 1 << np.arange(bits.shape[1], dtype=np.int64)[::-1]
    return np.asarray(bits.astype(np.int64) @ powers)


def _step(levels: NDArray[np.float64]) -> float:
    return float(np.abs(levels).max() / (2 ** (WORD_BITS - 1) - 1))
