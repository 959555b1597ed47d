"""The QPU's bill of a circuit: its gates after decomposition into one-qubit gates, CNOT and CZ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import prod
from typing import Any

import pennylane as qml

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.operators import OperatorWalk

Gate = tuple[Any, ...]
"""The wires of one gate: one wire, or the two of a CNOT or CZ. Counting needs no more."""

_SHORTER: dict[str, list[tuple[int, ...]]] = {"CY": [(1,), (0, 1), (1,)]}
"""Operations that PennyLane decomposes at a loss: its CY has two CNOT, S+ CNOT S has one."""

_FREE = {"Identity", "Barrier", "GlobalPhase", "Snapshot", "WireCut"}


@dataclass(frozen=True, slots=True)
class Counts:
    """Gates of one circuit: one-qubit gates, two-qubit gates (CNOT, CZ), and layers of them."""

    gates_1q: int
    gates_2q: int
    depth: int


def tape_counts(tape: Any) -> Counts:
    """Count a PennyLane tape's gates after decomposition into one-qubit gates, CNOT and CZ.

    Amplitudes (`StatePrep`, `AmplitudeEmbedding`) are charged as their synthesis: for n wires and real
    values the signed multiplexed-RY tree (2**n - 1 RY, 2**n - 2 CNOT; quant-ph/0407010), for complex values
    an RZ tree of the same size besides. Larger gates are counted as PennyLane decomposes them.
    No gates are cancelled.

    Raises:
        QwattError: an operation has no decomposition.
    """
    return _counts(gate for op in tape.operations for gate in _GATES.walk(op))


@lru_cache(maxsize=1024)
def circuit_counts(circuit: Circuit) -> Counts:
    """Count a circuit's gates; they are counted once and remembered.

    Raises:
        QwattError: an operation of the circuit has no decomposition.
    """
    return tape_counts(probe_tape(circuit))


@lru_cache(maxsize=1024)
def simulated_gates(circuit: Circuit) -> int:
    """Count the gates that a simulator applies: all but those that load amplitudes, which it writes down."""
    operations = [op for op in probe_tape(circuit).operations if not isinstance(op, qml.StatePrep)]
    return sum(1 for op in operations for _ in _GATES.walk(op))


_TWO_TERM = {"RX", "RY", "RZ", "Rot", "PhaseShift", "IsingXX", "IsingYY", "IsingZZ", "MultiRZ", "PauliRot"}


@lru_cache(maxsize=1024)
def shifted_gates(circuit: Circuit, weights: bool = True, inputs: bool = False) -> int:
    """Count the gate angles that a shift-rule gradient shifts, each with two circuits.

    An angle counts once for every gate that it enters, and twice in a gate whose rule has four terms, such
    as a controlled rotation. Amplitudes have no shift rule and count once a value, which is too few.

    Args:
        circuit: what is differentiated.
        weights: whether the weights need a gradient.
        inputs: whether the inputs need one.
    """
    tape = probe_tape(circuit, weights, inputs)
    return sum(
        parameter.numel() if parameter.ndim else 1 if op.name in _TWO_TERM else 2
        for op in tape.operations
        for parameter in op.parameters
        if getattr(parameter, "requires_grad", False)
    )


@lru_cache(maxsize=1024)
def weight_uses(circuit: Circuit) -> tuple[int, ...] | None:
    """Count the rotations that have each weight as their angle, up to sign and a constant.

    In the order of the flat weights. None when some gate uses a weight in another way (scaled, in a sum, or
    in a gate with more than two frequencies), so that the two-term rule does not hold for the weights.
    """
    if not circuit.weight_shape:
        return ()
    from qwatt.quantum.probes import plain_tensors

    with plain_tensors():
        return _weight_uses(circuit)


def _weight_uses(circuit: Circuit) -> tuple[int, ...] | None:
    import torch

    uses = torch.zeros(prod(circuit.weight_shape), dtype=torch.int64)
    tape, trained = _probed(circuit, True, False)
    for op in tape.operations:
        for parameter in op.parameters:
            if not getattr(parameter, "requires_grad", False):
                continue
            (slope,) = torch.autograd.grad(parameter.sum(), trained, retain_graph=True)
            touched = slope.flatten().abs()
            if op.name not in _TWO_TERM or touched.count_nonzero() != 1 or touched.max() != 1:
                return None
            uses += touched.long()
    return tuple(uses.tolist())


def probe_tape(circuit: Circuit, weights: bool = False, inputs: bool = False) -> Any:
    """Build the circuit's PennyLane tape once, with generic values, which need gradients where asked."""
    return _probed(circuit, weights, inputs)[0]


def _probed(circuit: Circuit, train_weights: bool, train_inputs: bool) -> tuple[Any, Any]:
    """Return the probe tape and the weights it was built with (None without weights)."""
    if not circuit.n_inputs and not circuit.weight_shape:
        return qml.tape.make_qscript(circuit.function)(None, None), None  # torch would only be imported
    import torch

    from qwatt.quantum.probes import plain_tensors

    def probe(shape: Sequence[int], trained: bool) -> Any:
        values = 0.1 + (torch.arange(prod(shape), dtype=torch.float64) * 0.6180339887) % 1
        return values.reshape(*shape).requires_grad_(trained)

    with plain_tensors():
        inputs = probe((circuit.n_inputs,), train_inputs) if circuit.n_inputs else None
        weights = probe(circuit.weight_shape, train_weights) if circuit.weight_shape else None
        return qml.tape.make_qscript(circuit.function)(inputs, weights), weights


def _counts(gates: Iterable[Gate]) -> Counts:
    clock: dict[Any, int] = {}
    totals = [0, 0]
    for gate in gates:
        layer = 1 + max(clock.get(wire, 0) for wire in gate)
        clock.update(dict.fromkeys(gate, layer))
        totals[len(gate) - 1] += 1
    return Counts(totals[0], totals[1], max(clock.values(), default=0))


class _GateWalk(OperatorWalk[Gate]):
    """Writes operators as the wires of one-qubit gates, CNOT and CZ."""

    def known(self, op: Any) -> list[Gate] | None:
        wires = tuple(op.wires)
        if op.name in _FREE:
            return []
        if isinstance(op, (qml.StatePrep, qml.SelectPauliRot)):
            return list(_synthesis((), op))
        if isinstance(op, qml.ops.Controlled) and isinstance(op.base, qml.StatePrep):
            return list(_synthesis(tuple(op.control_wires), op.base))
        if len(wires) == 1 or op.name in ("CNOT", "CZ"):
            return [wires]
        if _fixed(op):
            return [tuple(wires[i] for i in gate) for gate in _pattern(op.__class__, op.num_params)]
        return None

    def inverse(self, parts: list[Gate]) -> list[Gate]:
        return parts[::-1]

    def otherwise(self, op: Any) -> list[Gate]:
        raise QwattError(
            f"{op.name} on {len(op.wires)} wires has no decomposition into one-qubit gates and CNOT",
            mend="write the circuit with operations that PennyLane can decompose",
        )


_GATES = _GateWalk()


def _fixed(op: Any) -> bool:
    """Whether the decomposition depends on neither the operation's values nor its number of wires."""
    size = type(op).num_wires
    return isinstance(size, int) and size in (2, 3) and all(d == 0 for d in op.ndim_params)


@cache
def _pattern(make: Any, n_params: int) -> list[Gate]:
    if make.__name__ in _SHORTER:
        return list(_SHORTER[make.__name__])
    with qml.QueuingManager.stop_recording():
        values = [0.37 + 0.1 * i for i in range(n_params)]
        return _GATES.decomposed(make(*values, wires=range(make.num_wires)))


def _synthesis(controls: Gate, op: Any) -> Iterator[Gate]:
    if isinstance(op, qml.SelectPauliRot):
        yield from _multiplexer(tuple(op.wires[:-1]), op.wires[-1])
        return
    values = qml.math.cast(op.parameters[0], complex)
    trees = 2 if qml.math.any(qml.math.imag(values) != 0) else 1
    for _ in range(trees):
        for level, wire in enumerate(op.wires):
            yield from _multiplexer((*controls, *op.wires[:level]), wire)


def _multiplexer(controls: Gate, target: Any) -> Iterator[Gate]:
    """Yield a multiplexed rotation in Gray-code order: 2**k rotations and, for k > 0, 2**k CNOT."""
    k = len(controls)
    for step in range(2**k):
        yield (target,)
        if k:
            flipped = (step + 1 & ~step).bit_length() - 1 if step + 1 < 2**k else k - 1
            yield (controls[k - 1 - flipped], target)
