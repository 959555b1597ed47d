"""Grover search over a tabulated set: the textbook circuit, the published half-oracle, and closed forms."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.lazy import lazy
from qwatt.quantum.circuit import Circuit

if TYPE_CHECKING:
    import pennylane as qml
else:
    qml = lazy("pennylane")

ORACLES = ("textbook", "half")
"""`half` is the oracle of 2504.14568's program, whose phase acts on one branch of the ancilla only."""


@cache
def grover(wires: int, marked: frozenset[int], iterations: int, oracle: str = "textbook") -> Circuit:
    """Search for one of the marked items; the readout is the search register.

    "textbook" flips the sign of every marked item and reflects about the mean. "half" adds an ancilla in |->
    and applies H, multi-controlled X, H to it, which is a controlled *Z* on |->: the phase reaches only the
    branch where the ancilla is 1. A tabulated oracle costs one multi-controlled gate for each marked item.

    Args:
        wires: qubits of the search register, for 2**wires items.
        marked: indices of the marked items.
        iterations: pairs of oracle and reflection.
        oracle: "textbook" or "half" (one more qubit).

    Raises:
        QwattError: unknown oracle, or a marked index that is out of range.
    """
    if oracle not in ORACLES:
        raise unknown_name("oracle", oracle, ORACLES)
    if any(not 0 <= item < 2**wires for item in marked):
        raise QwattError(f"the marked items {sorted(marked)} are not all below 2**{wires}")
    search = range(wires)

    def function(_: Any, __: Any) -> None:
        for wire in search:
            qml.Hadamard(wire)
        if oracle == "half":
            qml.X(wires)
            qml.Hadamard(wires)
        for _iteration in range(iterations):
            for item in sorted(marked):
                _flip(item, wires, oracle)
            _reflect(wires)

    return Circuit(
        function, wires + (oracle == "half"), measured=tuple(search), name=f"grover_{oracle}_{iterations}"
    )


def _flip(item: int, wires: int, oracle: str) -> None:
    bits = [item >> (wires - 1 - wire) & 1 for wire in range(wires)]
    if oracle == "half":
        qml.Hadamard(wires)
        qml.MultiControlledX(wires=range(wires + 1), control_values=bits)
        qml.Hadamard(wires)
    elif wires == 1:
        qml.RZ(math.pi if bits[0] else -math.pi, wires=0)
    else:
        qml.FlipSign(bits, wires=range(wires))


def _reflect(wires: int) -> None:
    if wires == 1:
        qml.X(0)
    else:
        qml.GroverOperator(wires=range(wires))


def angle(items: int, marked: int) -> float:
    """Return theta with sin(theta)^2 = marked / items.

    Raises:
        QwattError: no items, or more marked ones than items.
    """
    if not 0 <= marked <= items or items < 1:
        raise QwattError(f"{marked} of {items} items cannot be marked")
    return math.asin(math.sqrt(marked / items))


def success(items: int, marked: int, iterations: int, oracle: str = "textbook") -> float:
    """Return the probability of measuring a marked item.

    textbook: sin^2((2k+1) theta). half: 0.5 sin^2((2k+1) theta) + 0.5 M/N, about a half at best for rare M.
    """
    if oracle not in ORACLES:
        raise unknown_name("oracle", oracle, ORACLES)
    full = math.sin((2 * iterations + 1) * angle(items, marked)) ** 2
    return full if oracle == "textbook" else 0.5 * full + 0.5 * marked / items


def item_probabilities(
    marked: NDArray[np.bool_], iterations: int, oracle: str = "textbook"
) -> NDArray[np.float64]:
    """Return how likely each item is measured, shape (N,): the circuit's distribution, without the circuit.

    A search never leaves the plane of the marked and the other items' uniform states.

    Args:
        marked: shape (N,).
        iterations: Grover iterations.
        oracle: "textbook" or "half".
    """
    count = int(np.count_nonzero(marked))
    hit = success(marked.size, count, iterations, oracle)
    return np.where(marked, hit / max(count, 1), (1.0 - hit) / max(marked.size - count, 1))


def best_iterations(items: int, marked: int) -> int:
    """Return the iterations after which a marked item is most likely: 0 when half or more are marked.

    Raises:
        QwattError: nothing is marked.
    """
    if marked < 1:
        raise QwattError("no item is marked: no number of iterations helps")
    return max(0, math.ceil(math.pi / (4 * angle(items, marked)) - 1 - 1e-12))


def published_iterations(items: int, marked: int) -> int:
    """Return max(1, floor(pi/4 sqrt(N/M))) as 2504.14568's program does; wrong when M > N/2."""
    return max(1, math.floor(math.pi / 4 * math.sqrt(items / marked)))


def sample(
    marked: NDArray[np.bool_], iterations: int, rng: np.random.Generator, oracle: str = "textbook"
) -> int:
    """Draw one measurement from the closed form: the distribution of the circuit, without the circuit.

    The marked set must be known, so whoever calls this has evaluated every item and says so in the record.

    Args:
        marked: shape (N,).
        iterations: Grover iterations.
        rng: generator.
        oracle: "textbook" or "half".
    """
    count = int(np.count_nonzero(marked))
    hit = rng.random() < success(marked.size, count, iterations, oracle)
    places = np.flatnonzero(marked if hit or count == marked.size else ~marked)
    return int(places[rng.integers(len(places))])  # the draw of `rng.choice`, several times as fast


@cache
def diagonal_grover(wires: int, iterations: int) -> Circuit:
    """Search with an oracle that is one diagonal: its 2**wires marks (1 where an item is marked) are inputs.

    The circuit and its bill depend on the numbers of items and iterations alone, whatever is marked.

    Args:
        wires: qubits of the search register, 2 or more.
        iterations: pairs of oracle and reflection.
    """

    def function(inputs: Any, _: Any) -> None:
        phases = qml.math.exp(1j * math.pi * qml.math.cast(inputs, "complex128"))
        for wire in range(wires):
            qml.Hadamard(wire)
        for _iteration in range(iterations):
            qml.DiagonalQubitUnitary(phases, wires=range(wires))
            _reflect(wires)

    return Circuit(function, wires, 2**wires, name=f"grover_diagonal_{iterations}")
