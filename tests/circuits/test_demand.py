import time

import numpy as np
import pennylane as qml
import pytest

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.demand import (
    Counts,
    circuit_counts,
    tape_counts,
)
from qwatt.quantum.primitives import expectation, gradient, kernel, overlaps


def counts(*operations):
    return tape_counts(qml.tape.QuantumScript(list(operations)))


@pytest.mark.parametrize("n", range(1, 8))
def test_real_amplitudes_are_charged_as_the_signed_tree(n):
    vector = np.random.default_rng(n).normal(size=2**n)
    found = counts(qml.AmplitudeEmbedding(vector, range(n), normalize=True))
    assert (found.gates_1q, found.gates_2q) == (2**n - 1, 2**n - 2)


def test_complex_amplitudes_cost_a_second_tree():
    rng = np.random.default_rng(0)
    vector = rng.normal(size=16) + 1j * rng.normal(size=16)
    found = counts(qml.StatePrep(vector / np.linalg.norm(vector), range(4)))
    assert (found.gates_1q, found.gates_2q) == (30, 28)


def test_known_gates():
    assert counts(qml.IsingZZ(0.3, [0, 1])) == Counts(1, 2, 3)
    assert counts(qml.SWAP([0, 1])) == Counts(0, 3, 3)
    assert counts(qml.CY([0, 1])) == Counts(2, 1, 3)
    assert counts(qml.IsingXY(0.3, [0, 1])).gates_2q == 2
    assert counts(qml.Toffoli([0, 1, 2])) == Counts(9, 6, 11)
    assert counts(qml.H(0), qml.H(1), qml.CZ([0, 1]), qml.GlobalPhase(0.3)) == Counts(2, 1, 2)


def test_adjoint_and_control_of_amplitudes():
    embedding = qml.AmplitudeEmbedding(np.arange(1.0, 9.0), range(3), normalize=True)
    assert counts(qml.adjoint(embedding)) == counts(embedding)
    found = counts(qml.ctrl(embedding, 3))
    assert (found.gates_1q, found.gates_2q) == (14, 14)


def test_multiplexer_agrees_with_pennylane():
    angles = np.random.default_rng(0).normal(size=8)
    op = qml.SelectPauliRot(angles, [0, 1, 2], 3, "Z")
    names = [o.name for o in op.decomposition()]
    assert (counts(op).gates_1q, counts(op).gates_2q) == (names.count("RZ"), names.count("CNOT")) == (8, 8)


def test_generic_unitaries_match_pennylane_on_random_tapes():
    rng = np.random.default_rng(1)
    makers = [
        lambda w: qml.CRY(rng.normal(), w[:2]),
        lambda w: qml.CSWAP(w[:3]),
        lambda w: qml.MultiRZ(rng.normal(), w[:4]),
        lambda w: qml.MultiControlledX(w[:4]),
        lambda w: qml.CRot(*rng.normal(size=3), w[:2]),
        lambda w: qml.QFT(w[:3]),
        lambda w: qml.PauliRot(rng.normal(), "XYZ", w[:3]),
    ]
    for _ in range(5):
        ops = [makers[rng.integers(len(makers))](list(rng.permutation(5))) for _ in range(8)]
        tape = qml.tape.QuantumScript(ops)
        (plain,), _ = qml.transforms.decompose(
            tape, stopping_condition=lambda op: len(op.wires) <= 1 or op.name in ("CNOT", "CZ")
        )
        gates = [op for op in plain.operations if op.name != "GlobalPhase"]
        two = sum(len(op.wires) == 2 for op in gates)
        depth = qml.tape.QuantumScript(gates).graph.get_depth()
        assert tape_counts(tape) == Counts(len(gates) - two, two, depth)


def ring(inputs, weights):
    for i in range(4):
        qml.RY(inputs[..., i], i)
    for i in range(4):
        qml.CNOT([i, (i + 1) % 4])
        qml.RY(weights[i], (i + 1) % 4)


CIRCUIT = Circuit(ring, 4, 4, (4,), measured=(0,))


def test_lines_and_demands():
    (line,) = expectation.demand(CIRCUIT, 7, 100, "run").circuit_lines
    assert (line.circuits, line.shots, line.qubits, line.gates_1q, line.gates_2q) == (7, 100, 4, 8, 4)
    assert (line.depth, line.measurements, line.note) == (9, 1, "run")
    (both,) = overlaps.demand(CIRCUIT, 1, 1).circuit_lines
    assert (both.gates_1q, both.gates_2q, both.depth, both.measurements) == (16, 8, 18, 4)
    assert kernel.demand(CIRCUIT, 10, shots=5).circuits == 45
    assert kernel.demand(CIRCUIT, 10, 3, shots=5).shots == 150
    assert gradient.demand(CIRCUIT, 8, 5).circuits == 64


def test_a_circuit_is_counted_once():
    circuit_counts(CIRCUIT)
    start = time.process_time()
    for _ in range(100):
        expectation.demand(CIRCUIT, 1, 1)
    assert time.process_time() - start < 0.05


def test_no_decomposition_is_an_error():
    with pytest.raises(QwattError, match="no decomposition"):
        counts(qml.Hermitian(np.eye(4), [0, 1]))
