import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.quantum.circuits import state_preparation as prep
from qwatt.quantum.demand import tape_counts
from qwatt.quantum.primitives import amplitudes


def final_state(function, wires):
    @qml.qnode(qml.device("default.qubit", wires=wires))
    def run():
        function()
        return qml.state()

    return np.asarray(run())


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(0, 10**6), st.floats(0, 1))
def test_real_preparation_is_exact_with_signs_and_zeros(n, seed, sparsity):
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=2**n) * (rng.random(2**n) >= sparsity)
    vector[rng.integers(2**n)] = -1.0
    expected = vector / np.linalg.norm(vector)
    assert np.allclose(final_state(lambda: prep.prepare_real(vector, range(n)), n), expected, atol=1e-10)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.integers(0, 10**6))
def test_complex_preparation_is_exact_up_to_a_phase(n, seed):
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)
    found = final_state(lambda: prep.prepare_complex(vector, range(n)), n)
    assert abs(np.vdot(vector / np.linalg.norm(vector), found)) == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize("n", range(1, 9))
def test_counts_are_those_of_the_billed_embedding(n):
    vector = np.random.default_rng(n).normal(size=2**n)
    real = tape_counts(qml.tape.make_qscript(prep.prepare_real)(vector, range(n)))
    embedding = qml.AmplitudeEmbedding(vector, range(n), normalize=True)
    assert (real.gates_1q, real.gates_2q) == (amplitudes.size(n).gates_1q, amplitudes.size(n).gates_2q)
    assert real == tape_counts(qml.tape.QuantumScript([embedding]))
    phases = tape_counts(qml.tape.make_qscript(prep.prepare_complex)(vector + 1j, range(n)))
    assert (phases.gates_1q, phases.gates_2q) == (2 * real.gates_1q, 2 * real.gates_2q)  # sizes, then phases


def test_signed_tree_needs_half_the_cnots_of_mottonen():
    vector = np.random.default_rng(0).normal(size=32)
    vector /= np.linalg.norm(vector)
    mottonen = tape_counts(qml.tape.QuantumScript([qml.MottonenStatePreparation(vector, range(5))]))
    assert mottonen.gates_2q == 2 * amplitudes.size(5).gates_2q


@pytest.mark.parametrize("n", [1, 2, 3])
def test_tree_preparation_has_the_right_probabilities(n):
    vector = np.random.default_rng(n).normal(size=2**n)
    wires = list(range(2**n - 1))
    state = final_state(lambda: prep.prepare_tree(vector, wires), len(wires))
    outputs = prep.tree_output(n)
    others = [w for w in wires if w not in outputs]
    tensor = np.transpose((abs(state) ** 2).reshape((2,) * len(wires)), [*outputs, *others])
    found = tensor.reshape(2**n, -1).sum(axis=1)
    assert np.allclose(found, vector**2 / (vector @ vector))


@pytest.mark.parametrize("n", range(1, 9))
def test_tree_counts_and_depth(n):
    tape = qml.tape.make_qscript(prep.prepare_tree)(np.ones(2**n), range(2**n - 1))
    names = [op.name for op in tape.operations]
    assert (names.count("RY"), names.count("CSWAP")) == (2**n - 1, 2**n - n - 1)  # arXiv:2008.01511
    assert tape.graph.get_depth() <= 1 + n * (n - 1) // 2


@pytest.mark.parametrize(("values", "wires"), [(np.ones(5), 2), (np.zeros(4), 2)])
def test_vectors_that_do_not_fit_are_refused(values, wires):
    with pytest.raises(QwattError):
        prep.unit_vector(values, wires)
