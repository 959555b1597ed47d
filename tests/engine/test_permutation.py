"""Permutations, control wires and wire orders against dense linear algebra (hypothesis)."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine import compile_circuit
from qwatt.quantum.engine.arrays.kronecker import spans
from qwatt.quantum.engine.lowering.basis import basis, bit_of
from qwatt.quantum.engine.lowering.fusion import fuse
from qwatt.quantum.engine.lowering.permutation import inverse_index, source_index
from qwatt.quantum.engine.lowering.primitives import Flip, Swap

WIRES = 5


@st.composite
def moves(draw):
    """A Flip or Swap on distinct wires with any controls."""
    wires = draw(st.permutations(range(WIRES)))
    count = draw(st.integers(0, WIRES - 2))
    controls = tuple((wire, draw(st.booleans())) for wire in wires[2 : 2 + count])
    return draw(st.sampled_from([Flip(wires[0], controls), Swap(wires[0], wires[1], controls)]))


def bits(index: int) -> list[int]:
    return [index >> (WIRES - 1 - wire) & 1 for wire in range(WIRES)]


def moved(index: int, move: Flip | Swap) -> int:
    """Return where a basis state goes, bit by bit: the definition."""
    state = bits(index)
    if all(state[wire] == value for wire, value in move.controls):
        if isinstance(move, Flip):
            state[move.target] ^= 1
        else:
            state[move.first], state[move.second] = state[move.second], state[move.first]
    return int("".join(map(str, state)), 2)


@given(st.lists(moves(), min_size=1, max_size=8))
@settings(deadline=None, max_examples=60)
def test_a_run_of_moves_is_the_composed_index(run) -> None:
    fused = fuse(tuple(run), WIRES)
    source = basis(WIRES)
    for step in fused.steps:
        assert not step.generators and not step.data
        source = source[step.source]
    assert len(fused.steps) <= 1
    target = basis(WIRES)
    for index in range(2**WIRES):
        for move in run:
            target[index] = moved(int(target[index]), move)
    assert np.array_equal(source, inverse_index(target))


@given(moves())
@settings(deadline=None, max_examples=60)
def test_every_move_undoes_itself(move) -> None:
    source = source_index(move, WIRES)
    assert np.array_equal(source[source], basis(WIRES))


@given(st.permutations(range(WIRES)), st.integers(1, WIRES), st.integers(0, 2**31))
@settings(deadline=None, max_examples=40)
def test_a_matrix_acts_on_wires_in_any_order_under_any_controls(wires, size, seed) -> None:
    rng = np.random.default_rng(seed)
    targets, controls = wires[:size], wires[size:]
    values = [bool(v) for v in rng.integers(2, size=len(controls))]
    matrix = rng.normal(size=(2**size, 2**size)) + 1j * rng.normal(size=(2**size, 2**size))
    unitary = np.linalg.qr(matrix)[0]
    state = rng.normal(size=2**WIRES) + 1j * rng.normal(size=2**WIRES)
    state /= np.linalg.norm(state)

    def function(inputs: None, weights: None) -> None:
        qml.StatePrep(state, wires=range(WIRES))
        gate = qml.QubitUnitary(unitary, wires=targets)
        if controls:
            qml.ctrl(gate, control=controls, control_values=values)

    axes = [*controls, *targets]
    tensor = state.reshape([2] * WIRES).transpose(axes).reshape(-1, 2**size).copy()
    row = int("".join(str(int(v)) for v in values) or "0", 2)
    tensor[row] = unitary @ tensor[row]
    expected = tensor.reshape([2] * WIRES).transpose(np.argsort(axes)).reshape(-1)
    found = compile_circuit(Circuit(function, WIRES), torch.complex128).states()[0]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-12)


@given(st.permutations(range(WIRES)), st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_relabelling_the_wires_permutes_the_state(order, seed) -> None:
    angles = np.random.default_rng(seed).normal(size=3 * WIRES)

    def function(labels):
        for i in range(WIRES):
            qml.Rot(*angles[3 * i : 3 * i + 3], wires=labels[i])
            qml.CNOT(wires=[labels[i], labels[(i + 1) % WIRES]])
            qml.CRZ(angles[i], wires=[labels[i], labels[(i + 2) % WIRES]])

    plain = compile_circuit(Circuit(lambda x, w: function(range(WIRES)), WIRES), torch.complex128).states()
    moved_ = compile_circuit(Circuit(lambda x, w: function(order), WIRES), torch.complex128).states()
    expected = plain.reshape([2] * WIRES).permute(*np.argsort(order).tolist()).reshape(-1)
    torch.testing.assert_close(moved_[0], expected, atol=1e-12, rtol=0)


@given(st.sets(st.integers(0, 11), min_size=1), st.integers(1, 5))
def test_spans_cover_every_wire_once_with_neighbours(wires, width) -> None:
    found = spans(sorted(wires), 12, width)
    flat = [wire for span in found for wire in span]
    assert wires <= set(flat) and len(flat) == len(set(flat))
    assert all(span == list(range(span[0], span[0] + len(span))) for span in found)
    assert all(len(span) <= width for span in found)


def test_wire_zero_is_the_most_significant_bit() -> None:
    assert [bit_of(wire, 3) for wire in range(3)] == [4, 2, 1]
