"""Lowering: PennyLane operators become primitives, their parameters become scalars of a ledger."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pennylane as qml
import scipy.sparse
import torch
from pennylane.devices.default_qubit import no_mcms_stopping_condition

from qwatt.core.errors import QwattError
from qwatt.quantum.engine.lowering.primitives import (
    DiagonalData,
    FixedMatrix,
    Flip,
    PhaseGate,
    Preparation,
    Primitive,
    Rotation,
    Swap,
    TensorMatrix,
    Unitary,
    controlled_by,
    inverse_of,
)
from qwatt.quantum.operators import OperatorWalk


@dataclass
class Ledger:
    """The numbers of one trace, in order of use.

    Attributes:
        scalars: gate angles, each of shape () or (batch,).
        tensors: states, matrices and diagonals given as data, unbatched or with a leading batch axis.
        ranks: for each tensor, its number of axes without a batch.
    """

    scalars: list[torch.Tensor] = field(default_factory=list)
    tensors: list[torch.Tensor] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)

    def scalar(self, value: Any) -> int:
        """Enter one angle and return its number."""
        self.scalars.append(torch.as_tensor(value, dtype=torch.float64))
        return len(self.scalars) - 1

    def tensor(self, value: Any, rank: int) -> int:
        """Enter one array of complex numbers and return its number."""
        self.tensors.append(torch.as_tensor(value).to(torch.complex128))
        self.ranks.append(rank)
        return len(self.tensors) - 1


Rule = Callable[[Any, Ledger], list[Primitive]]


def _fixed(matrix: Any, wires: tuple[int, ...]) -> Unitary:
    rows = np.asarray(matrix, dtype=complex)
    return Unitary(FixedMatrix(tuple(tuple(complex(z) for z in row) for row in rows)), wires)


def _rx(op: Any, ledger: Ledger) -> list[Primitive]:
    quarter, back = ledger.scalar(math.pi / 2), ledger.scalar(-math.pi / 2)
    return [Unitary(Rotation(quarter, ledger.scalar(op.data[0]), back), _wires(op))]


def _ry(op: Any, ledger: Ledger) -> list[Primitive]:
    return [Unitary(Rotation(None, ledger.scalar(op.data[0]), None), _wires(op))]


def _rot(op: Any, ledger: Ledger) -> list[Primitive]:
    return [Unitary(Rotation(*(ledger.scalar(angle) for angle in op.data)), _wires(op))]


def _u2(op: Any, ledger: Ledger) -> list[Primitive]:
    phi, delta = op.data
    return _u3_angles(math.pi / 2, phi, delta, _wires(op), ledger)


def _u3(op: Any, ledger: Ledger) -> list[Primitive]:
    theta, phi, delta = op.data
    return _u3_angles(theta, phi, delta, _wires(op), ledger)


def _u3_angles(theta: Any, phi: Any, delta: Any, wires: tuple[int, ...], ledger: Ledger) -> list[Primitive]:
    first, last = ledger.scalar(delta), ledger.scalar(phi)
    turn = Unitary(Rotation(first, ledger.scalar(theta), last), wires)
    return [turn, PhaseGate(first, 0.5), PhaseGate(last, 0.5)]


def _parity_rotation(op: Any, ledger: Ledger) -> list[Primitive]:
    return [PhaseGate(ledger.scalar(op.data[0]), -0.5, parity=_wires(op))]


def _phase_shift(op: Any, ledger: Ledger) -> list[Primitive]:
    (wire,) = _wires(op)
    return [PhaseGate(ledger.scalar(op.data[0]), 1.0, controls=((wire, True),))]


def _constant_phase(angle: float) -> Rule:
    def rule(op: Any, ledger: Ledger) -> list[Primitive]:
        (wire,) = _wires(op)
        return [PhaseGate(ledger.scalar(angle), 1.0, controls=((wire, True),))]

    return rule


def _global_phase(op: Any, ledger: Ledger) -> list[Primitive]:
    return [PhaseGate(ledger.scalar(op.data[0]), -1.0)]


def _dense(values: Any) -> Any:
    return values.toarray() if scipy.sparse.issparse(values) else values


def _densely(preparation: Any) -> Any:
    """Return a state preparation with a vector where it was given a sparse row."""
    if not scipy.sparse.issparse(preparation.data[0]):
        return preparation
    return qml.StatePrep(preparation.data[0].toarray()[0], wires=preparation.wires, validate_norm=False)


def _unitary(op: Any, ledger: Ledger) -> list[Primitive]:
    matrix, wires = _dense(op.data[0]), _wires(op)
    if not torch.is_tensor(matrix) and np.ndim(matrix) == 2:
        return [_fixed(matrix, wires)]
    return [Unitary(TensorMatrix(ledger.tensor(matrix, 2)), wires)]


def _diagonal(op: Any, ledger: Ledger) -> list[Primitive]:
    return [DiagonalData(ledger.tensor(op.data[0], 1), _wires(op))]


def _state(op: Any, ledger: Ledger) -> list[Primitive]:
    real = not torch.as_tensor(op.data[0]).is_complex()
    return [Preparation(ledger.tensor(op.data[0], 1), _wires(op), real)]


def _basis_state(op: Any, ledger: Ledger) -> list[Primitive]:
    bits = np.asarray(qml.math.toarray(op.data[0]), dtype=int)
    return [Flip(wire) for wire, bit in zip(_wires(op), bits, strict=True) if bit]


def _flip(op: Any, ledger: Ledger) -> list[Primitive]:
    return [Flip(_wires(op)[0])]


def _swap(op: Any, ledger: Ledger) -> list[Primitive]:
    first, second = _wires(op)
    return [Swap(first, second)]


def _nothing(op: Any, ledger: Ledger) -> list[Primitive]:
    return []


RULES: dict[str, Rule] = {
    "RX": _rx,
    "RY": _ry,
    "Rot": _rot,
    "U2": _u2,
    "U3": _u3,
    "RZ": _parity_rotation,
    "MultiRZ": _parity_rotation,
    "IsingZZ": _parity_rotation,
    "PhaseShift": _phase_shift,
    "U1": _phase_shift,
    "PauliZ": _constant_phase(math.pi),
    "S": _constant_phase(math.pi / 2),
    "T": _constant_phase(math.pi / 4),
    "GlobalPhase": _global_phase,
    "QubitUnitary": _unitary,
    "DiagonalQubitUnitary": _diagonal,
    "StatePrep": _state,
    "AmplitudeEmbedding": _state,
    "BasisState": _basis_state,
    "BasisEmbedding": _basis_state,
    "PauliX": _flip,
    "SWAP": _swap,
    "Identity": _nothing,
    "Barrier": _nothing,
    "Snapshot": _nothing,
}


def runs_natively(op: Any) -> bool:
    """Return whether a device on the engine takes an operator as it is; others PennyLane decomposes first.

    The same operators as on default.qubit, so that circuits keep the same wires, and every state preparation.
    """
    return isinstance(op, qml.StatePrep) or no_mcms_stopping_condition(op)


def _wires(op: Any) -> tuple[int, ...]:
    return tuple(map(int, op.wires.labels))


class Lowering(OperatorWalk[Primitive]):
    """Writes operators as primitives and enters their parameters into a ledger.

    Raises (from `walk`):
        QwattError: an operator is not unitary (a channel, a measurement), or has neither a matrix nor a
            decomposition.
    """

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._touched: set[int] = set()

    def known(self, op: Any) -> list[Primitive] | None:
        """Apply a rule, control the primitives of a base, or take a small constant matrix."""
        wires = op.wires.labels
        if rule := RULES.get(op.name):
            op = _densely(op) if rule is _state else op
            again = rule is _state and not self._touched.isdisjoint(wires)
            found = self.decomposed(op) if again else rule(op, self.ledger)
            self._touched.update(wires)
            return found
        if isinstance(op, qml.operation.Channel) or not isinstance(op, qml.operation.Operator):
            raise _unsupported(op)
        if isinstance(op, (qml.ops.Controlled, qml.ops.Adjoint)):
            self._touched.update(wires)  # so that a state preparation inside becomes gates
            controlled = isinstance(op, qml.ops.Controlled)
            return controlled_by(self.walk(op.base), _controls(op)) if controlled else None
        if not op.data and len(wires) <= 2 and op.has_matrix:
            self._touched.update(wires)
            return [_fixed(op.matrix(), _wires(op))]
        return None

    def inverse(self, parts: list[Primitive]) -> list[Primitive]:
        """Undo primitives."""
        return inverse_of(parts)

    def otherwise(self, op: Any) -> list[Primitive]:
        """Take the matrix of an operator without a decomposition."""
        if isinstance(op, qml.ops.Projector) or not (op.has_matrix or op.has_sparse_matrix):
            raise _unsupported(op)
        matrix = op.matrix() if op.has_matrix else _dense(op.sparse_matrix())
        return [Unitary(TensorMatrix(self.ledger.tensor(matrix, 2)), _wires(op))]


def _controls(op: Any) -> tuple[tuple[int, bool], ...]:
    return tuple((int(w), bool(v)) for w, v in zip(op.control_wires, op.control_values, strict=True))


def _unsupported(op: Any) -> QwattError:
    return QwattError(
        f"the engine cannot run {op.name}: it is not a unitary gate",
        where=f"wires {list(op.wires)}",
        mend="use gates only; run channels and mid-circuit measurements on the noisy backend",
    )
