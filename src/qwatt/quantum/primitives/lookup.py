"""Table lookup in superposition: select-swap QROM (arXiv:1812.00954), bucket-brigade QRAM (arXiv:0708.1879).

Both are error-corrected programs: their bills are logical. `circuits.qram` has the circuits, whose gates
depend on the stored bits.
"""

from __future__ import annotations

import numpy as np

from qwatt.quantum.primitives.bill import LogicalBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.simulation import FLOPS_PER_AMPLITUDE
from qwatt.quantum.primitives.size import Number


@named("qrom_toffoli", "number", loads=True)
def qrom_toffoli(entries: Number, bits: Number) -> Number:
    """Toffoli of one select-swap lookup of N words of b bits: 2 sqrt(N b) (arXiv:1812.00954).

    N / s select one of N / s rows, s b swap the word into place, least for s = sqrt(N / b). Ancillas are left
    dirty; restoring them takes 2.6 to 2.8 times as much.

    Args:
        entries: N, stored words.
        bits: b, of a word.
    """
    return 2 * np.sqrt(entries * bits)


@named("qrom_swap_qubits", "number")
def qrom_swap_qubits(entries: Number, bits: Number) -> Number:
    """Qubits of the swap network of that lookup: sqrt(N b) (arXiv:1812.00954).

    Args:
        entries: N, stored words.
        bits: b, of a word.
    """
    return np.sqrt(entries * bits)


@named("qrom", "logical", loads=True)
def bill(entries: Number, bits: Number, runs: Number = 1) -> LogicalBill:
    """Select-swap QROM: 2 sqrt(N b) Toffoli on sqrt(N b) + 2 log2 N qubits (arXiv:1812.00954).

    Depth sqrt(N / b) + log2 N + 1: the selection, then the swaps in layers.

    Args:
        entries: N, stored words.
        bits: b, of a word.
        runs: lookups.
    """
    address = np.log2(entries)
    qubits = qrom_swap_qubits(entries, bits) + 2 * address
    return LogicalBill(qubits, qrom_toffoli(entries, bits), 0, np.sqrt(entries / bits) + address + 1, runs)


@named("bucket_brigade", "logical", loads=True)
def bucket_brigade_bill(entries: Number, bits: Number, words: Number = 1) -> LogicalBill:
    """Bucket brigade: 4 (N - 1 - log2 N) + 4 b (N - 1) Toffoli, one a controlled swap (arXiv:0708.1879).

    The first term routes the address in and out, the second every bit of the word. All 3 (N - 1) + 1 qubits
    of the routers are kept alive; depth b log2 N.

    Args:
        entries: N, stored words.
        bits: b, fetched in one run.
        words: runs, whose bits are gathered in one register.
    """
    address = np.log2(entries)
    qubits = address + words * bits + 1 + 3 * (entries - 1)
    return LogicalBill(qubits, bucket_brigade_swaps(entries, bits), 0, bits * address, words)


def bucket_brigade_swaps(entries: Number, bits: Number) -> Number:
    """Return the controlled swaps of a bucket-brigade query."""
    return 4 * (entries - 1 - np.log2(entries)) + 4 * bits * (entries - 1)


def simulation_flops(entries: int, bits: int) -> float:
    """Return the operations of one lookup on the engine: a permutation of the address and the word.

    Work qubits that end where they began need no amplitudes.
    """
    return FLOPS_PER_AMPLITUDE * entries * 2.0**bits
