"""Grover search and minimum finding: oracle calls, and error-corrected programs of them."""

from __future__ import annotations

from functools import cache

import numpy as np

from qwatt.quantum.primitives.bill import CircuitBill, LogicalBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.simulation import FLOPS_PER_AMPLITUDE
from qwatt.quantum.primitives.size import CircuitSize, Number, size_of


@named("grover_calls", "number")
def calls(items: Number, marked: Number = 1) -> Number:
    """Oracle calls of one search for M of N items: pi / 4 sqrt(N / M) (arXiv:quant-ph/9605034).

    Args:
        items: N.
        marked: M.
    """
    return np.pi / 4 * np.sqrt(items / marked)


@named("minimum_finding_calls", "number")
def minimum_calls(items: Number) -> Number:
    """Oracle calls after which the least of N is found with probability 1/2: 22.5 sqrt(N) + 1.4 log2(N)^2.

    Duerr and Hoyer (arXiv:quant-ph/9607014, theorem 1).

    Args:
        items: N.
    """
    return 22.5 * np.sqrt(items) + 1.4 * np.log2(items) ** 2


@named("grover", "logical")
def bill(
    items: Number,
    marked: Number,
    qubits: Number,
    toffoli: Number,
    depth: Number,
    searches: Number = 1,
) -> LogicalBill:
    """Searches of pi / 4 sqrt(N / M) oracle calls, and one call each to check (arXiv:quant-ph/9605034).

    The reflection about the mean, a few Toffoli an address qubit, is left out beside the oracle.

    Args:
        items: N.
        marked: M.
        qubits: of the oracle with its data.
        toffoli: of one call.
        depth: of one call.
        searches: one after another.
    """
    total = searches * (calls(items, marked) + 1)
    return LogicalBill(qubits, total * toffoli, 0, total * depth)


@named("minimum_finding", "logical")
def minimum_bill(items: Number, qubits: Number, toffoli: Number, depth: Number) -> LogicalBill:
    """22.5 sqrt(N) + 1.4 log2(N)^2 oracle calls (arXiv:quant-ph/9607014).

    Args:
        items: N.
        qubits: of the oracle with its data.
        toffoli: of one call.
        depth: of one call.
    """
    total = minimum_calls(items)
    return LogicalBill(qubits, total * toffoli, 0, total * depth)


def diagonal_bill(wires: int, iterations: int, circuits: int) -> CircuitBill:
    """Return the bill of `circuits.grover.diagonal_grover`, each run once: exact, linear in the iterations.

    Args:
        wires: qubits of the search register.
        iterations: of each circuit.
        circuits: how many.
    """
    none, one, two = (_diagonal_size(wires, k) for k in (0, 1, 2))
    if not iterations:
        return CircuitBill(circuits, 1, none)
    size = CircuitSize(
        wires,
        one.gates_1q + (iterations - 1) * (two.gates_1q - one.gates_1q),
        one.gates_2q + (iterations - 1) * (two.gates_2q - one.gates_2q),
        one.depth + (iterations - 1) * (two.depth - one.depth),
    )
    return CircuitBill(circuits, 1, size)


@cache
def _diagonal_size(wires: int, iterations: int) -> CircuitSize:
    from qwatt.quantum.circuits.grover import diagonal_grover

    return size_of(diagonal_grover(wires, iterations))


def simulation_flops(items: int, iterations: int) -> float:
    """Return the operations on the engine: a sign flip and a reflection about the mean an iteration.

    The oracle's own work is not in it: a simulated search evaluates every item first.
    """
    return 2.0 * FLOPS_PER_AMPLITUDE * iterations * items


def drawing_flops(items: int) -> float:
    """Return the operations of drawing a search from its closed form: each item's chance, and its count."""
    return FLOPS_PER_AMPLITUDE * items
