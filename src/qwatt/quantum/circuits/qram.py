"""Data lookup |i>|0> -> |i>|b_i>: select-only, QROM with select-swap, bucket-brigade QRAM.

The circuits are PennyLane's templates (SelectOnlyQRAM, 2012.05340 figure 8; QROM, 1812.00954; BBQRAM,
0708.1879); the logical costs come from `pennylane.estimator`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pennylane as qml

from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.circuit import Circuit

KINDS = ("select", "qrom", "bucket_brigade")

Table = tuple[tuple[int, ...], ...]
"""Bits of the stored words, one tuple an entry; the number of entries is a power of two."""


@dataclass(frozen=True)
class Registers:
    """Wires of a lookup: the address (most significant bit first), the word, and work wires."""

    address: range
    word: range
    work: range

    @property
    def wires(self) -> int:
        """Number of qubits."""
        return self.work.stop


def registers(kind: str, entries: int, bits: int, swaps: int = 1) -> Registers:
    """Lay out the wires of a lookup.

    Args:
        kind: "select", "qrom" or "bucket_brigade".
        entries: N, a power of two.
        bits: b, bits of a word.
        swaps: words fetched side by side by a QROM, a power of two; bits * (swaps - 1) work wires.

    Returns:
        log2 N address wires, b word wires, and work wires: none for select, 1 + 3 (N - 1) for bucket brigade.

    Raises:
        QwattError: unknown kind, or entries or swaps that are not a power of two.
    """
    if kind not in KINDS:
        raise unknown_name("lookup", kind, KINDS)
    if entries < 2 or entries & (entries - 1) or swaps < 1 or swaps & (swaps - 1):
        what = f"{entries} entries and {swaps} swaps must be powers of two, at least 2 entries"
        raise QwattError(what, mend="take 2, 4, 8 and so on entries, and 1, 2, 4 and so on swaps")
    address = entries.bit_length() - 1
    work = {"select": 0, "qrom": bits * (swaps - 1), "bucket_brigade": 1 + 3 * (entries - 1)}[kind]
    word = range(address, address + bits)
    return Registers(range(address), word, range(word.stop, word.stop + work))


def query(kind: str, table: Sequence[Sequence[int]], at: Registers) -> None:
    """Queue one lookup of the table (N words of b bits) on the given registers."""
    data = [list(word) for word in table]
    if kind == "select":
        qml.SelectOnlyQRAM(data, at.address, at.word)
    elif kind == "qrom":
        qml.QROM(data, at.address, at.word, at.work, clean=True)
    else:
        qml.BBQRAM(data, at.address, at.word, at.work)


@cache
def lookup(kind: str, table: Table, swaps: int = 1, address: int | None = None) -> Circuit:
    """Look one address up, or all of them in superposition.

    Args:
        kind: "select", "qrom" or "bucket_brigade".
        table: words as tuples of bits.
        swaps: see `registers`.
        address: the address to read; None reads the uniform superposition of all.

    Returns:
        Circuit without inputs or weights whose readout is the address and the word.
    """
    at = registers(kind, len(table), len(table[0]), swaps)

    def function(_: Any, __: Any) -> None:
        if address is None:
            for wire in at.address:
                qml.Hadamard(wire)
        else:
            qml.BasisState(address, wires=at.address)
        query(kind, table, at)

    return Circuit(function, at.wires, measured=(*at.address, *at.word), name=f"lookup_{kind}")


@dataclass(frozen=True)
class LookupCost:
    """Fault-tolerant cost of one lookup: Toffoli gates and logical qubits."""

    toffoli: int
    qubits: int


def logical_cost(kind: str, entries: int, bits: int, swaps: int | None = None) -> LookupCost:
    """Return what one lookup costs with error correction, half of the stored bits being 1.

    Args:
        kind: "select", "qrom" or "bucket_brigade".
        entries: N, a power of two.
        bits: b.
        swaps: QROM's swap depth; None takes the one with the fewest T gates.

    Raises:
        QwattError: see `registers`.
    """
    import pennylane.estimator as qre

    at = registers(kind, entries, bits, swaps or 1)
    if kind == "qrom":
        found = qre.estimate(qre.QROM(entries, bits, select_swap_depth=swaps))
        return _cost(found)
    if kind == "bucket_brigade":
        return _cost(qre.estimate(qre.BBQRAM(entries, bits, num_wires=at.wires)))
    one = _cost(qre.estimate(qre.MultiControlledX(len(at.address), 0)))
    return LookupCost(one.toffoli * (entries * bits // 2), one.qubits + bits - 1)


def _cost(found: Any) -> LookupCost:
    return LookupCost(int(found.gate_counts.get("Toffoli", 0)), int(found.total_wires))
