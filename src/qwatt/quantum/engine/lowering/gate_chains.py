"""Chains: the one-qubit gates that wait on one wire, first applied first."""

from __future__ import annotations

from qwatt.quantum.engine.lowering.primitives import (
    FixedMatrix,
    MatrixSource,
    PhaseGate,
    Rotation,
    TensorMatrix,
)

GateChain = tuple[MatrixSource, ...]
Split = tuple[GateChain, GateChain, GateChain]
"""RZ before, real turns, RZ after."""


def differs(chain: GateChain, batched: frozenset[int], batched_tensors: frozenset[int] = frozenset()) -> bool:
    """Return whether a chain's matrix differs from sample to sample."""
    for source in chain:
        if isinstance(source, Rotation):
            if not batched.isdisjoint({source.phi, source.theta, source.omega}):
                return True
        elif isinstance(source, TensorMatrix) and source.index in batched_tensors:
            return True
    return False


def is_real(chain: GateChain) -> bool:
    """Return whether a chain's matrix is real for every value of its angles: RY and real constants."""
    return all(map(_is_real, chain))


def _is_real(source: MatrixSource) -> bool:
    if isinstance(source, Rotation):
        return source.phi is None and source.omega is None
    return isinstance(source, FixedMatrix) and all(z.imag == 0 for row in source.rows for z in row)


def rz(turn: MatrixSource, wire: int) -> PhaseGate:
    """Return RZ, a Rotation with phi alone, as a diagonal gate on a wire."""
    assert isinstance(turn, Rotation) and turn.phi is not None
    return PhaseGate(turn.phi, -0.5 * turn.scale, parity=(wire,))


def split_phases(chain: GateChain) -> Split | None:
    """Split a chain into RZ before, real turns, and RZ after; None where it has an RZ between two turns."""
    before: list[MatrixSource] = []
    turns: list[MatrixSource] = []
    after: list[MatrixSource] = []
    for source in chain:
        first, turn, last = _parts(source)
        if turn is None:
            (after if turns else before).extend(first + last)
        elif (turns and (after or first)) or not _is_real(turn):
            return None
        else:
            before += first
            turns.append(turn)
            after += last
    return tuple(before), tuple(turns), tuple(after)


def _parts(source: MatrixSource) -> tuple[list[Rotation], MatrixSource | None, list[Rotation]]:
    """Return RZ first, the turn between, RZ last."""
    if not isinstance(source, Rotation):
        return [], source, []
    first = [] if source.phi is None else [Rotation(source.phi, None, None, source.scale)]
    last = [] if source.omega is None else [Rotation(source.omega, None, None, source.scale)]
    turn = None if source.theta is None else Rotation(None, source.theta, None, source.scale)
    return first, turn, last
