"""Grover search over a table by one circuit for every marked set: marks and iterations are inputs."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.lazy import lazy
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.grover import ORACLES, best_iterations
from qwatt.quantum.circuits.state_preparation import gray_rotations, gray_turns, rz_tree

if TYPE_CHECKING:
    import pennylane as qml
else:
    qml = lazy("pennylane")


@cache
def tabulated_search(wires: int, oracle: str = "textbook") -> Circuit:
    """Search 2**wires items with as many iterations as a single marked item needs, compiled once.

    An oracle is a diagonal of 2**wires phases by rotations in Gray order, which are inputs. An oracle without
    a phase leaves the uniform state as it is, so that fewer iterations are the same circuit. "half" phases
    the marked items only where an ancilla in |-> is 1, as the program of 2504.14568 does by multi-controlled
    gates; a diagonal takes fewer gates than those. What is read is the search register.

    Args:
        wires: qubits of the search register, 2 or more.
        oracle: "textbook" or "half" (one more qubit).

    Raises:
        QwattError: unknown oracle, or fewer than 2 wires.
    """
    if oracle not in ORACLES:
        raise unknown_name("oracle", oracle, ORACLES)
    if wires < 2:
        raise QwattError(f"a reflection about the mean takes 2 wires or more, not {wires}")
    half = oracle == "half"
    phased = [wires, *range(wires)] if half else [*range(wires)]
    angles = 2 ** len(phased) - 1
    most = best_iterations(2**wires, 1)

    def function(inputs: Any, _: Any) -> None:
        for wire in range(wires):
            qml.Hadamard(wire)
        if half:
            qml.X(wires)
            qml.Hadamard(wires)
        for iteration in range(most):
            for level, target in enumerate(phased):
                start = iteration * angles + 2**level - 1
                gray_rotations(qml.RZ, inputs[..., start : start + 2**level], phased[:level], target)
            qml.GroverOperator(wires=range(wires))

    return Circuit(
        function,
        wires + half,
        n_inputs=most * angles,
        measured=tuple(range(wires)),
        name=f"tabulated_search_{oracle}",
    )


def search_inputs(
    marked: NDArray[np.bool_], iterations: int, oracle: str = "textbook"
) -> NDArray[np.float64]:
    """Return the inputs of `tabulated_search`, shape (1, n_inputs): empty oracles, then marked ones.

    Args:
        marked: shape (N,), N a power of two.
        iterations: Grover iterations, at most those that a single marked item needs.
        oracle: "textbook" or "half".

    Raises:
        QwattError: more iterations than the circuit has.
    """
    refuse_search(marked, iterations)
    most = best_iterations(marked.size, 1)
    phases = math.pi * marked
    if oracle == "half":
        phases = np.concatenate([np.zeros(marked.size), phases])
    angles = np.concatenate([gray_turns(level) for level in rz_tree(phases)])
    rows = np.zeros((most, len(angles)))
    rows[most - iterations :] = angles
    return rows.reshape(1, -1)


def refuse_search(marked: NDArray[np.bool_], iterations: int) -> None:
    """Refuse what the circuit cannot search.

    Raises:
        QwattError: marks that are no table of true and false, no power of two of items, or more iterations
            than the circuit has.
    """
    if marked.dtype != np.bool_ or marked.ndim != 1:
        raise QwattError(f"marks of shape {marked.shape}, {marked.dtype}", mend="give shape (N,), bool")
    if marked.size < 4 or marked.size & (marked.size - 1):
        raise QwattError(f"{marked.size} items", mend="give a power of two of them, 4 or more")
    most = best_iterations(marked.size, 1)
    if not 0 <= iterations <= most:
        raise QwattError(f"{iterations} iterations over {marked.size} items; the circuit has {most}")
