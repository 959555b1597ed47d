import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.quantum.circuits import grover


def probabilities(circuit):
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def run():
        circuit.function(None, None)
        return qml.probs(wires=circuit.readout)

    return np.asarray(run())


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(0, 4), st.sampled_from(grover.ORACLES), st.data())
def test_circuits_follow_the_closed_forms(wires, iterations, oracle, data):
    marked = data.draw(st.sets(st.integers(0, 2**wires - 1), max_size=min(2**wires, 6)))
    found = probabilities(grover.grover(wires, frozenset(marked), iterations, oracle))[list(marked)]
    expected = grover.success(2**wires, len(marked), iterations, oracle)
    assert found.sum() == pytest.approx(expected, abs=1e-6)
    assert np.ptp(found) < 1e-6 if marked else True


@pytest.mark.parametrize(
    ("marked", "textbook", "half"), [(1, 0.999, 0.515), (4, 0.945, 0.535), (8, 1.000, 0.625)]
)
def test_published_half_oracle_numbers(marked, textbook, half):
    k = grover.published_iterations(32, marked)
    assert grover.success(32, marked, k) == pytest.approx(textbook, abs=6e-4)
    assert grover.success(32, marked, k, "half") == pytest.approx(half, abs=6e-4)


def test_more_than_half_marked_needs_no_iteration():
    assert grover.success(32, 24, grover.published_iterations(32, 24)) == pytest.approx(0, abs=1e-12)
    assert grover.best_iterations(32, 24) == 0
    assert grover.success(32, 24, 0) == pytest.approx(0.75)


@given(st.integers(2, 200), st.data())
def test_best_iterations_is_the_first_maximum(items, data):
    marked = data.draw(st.integers(1, items))
    horizon = range(int(np.pi / 2 / grover.angle(items, marked)) + 1)
    values = [grover.success(items, marked, k) for k in horizon]
    best = grover.best_iterations(items, marked)
    assert values[best] == pytest.approx(max(values), abs=1e-9)


def test_sampling_follows_the_circuit():
    marked = np.zeros(16, dtype=bool)
    marked[[3, 7]] = True
    rng = np.random.default_rng(0)
    hits = np.mean([marked[grover.sample(marked, 1, rng)] for _ in range(4000)])
    assert hits == pytest.approx(grover.success(16, 2, 1), abs=0.02)


def test_gates_are_one_multi_controlled_gate_per_marked_item():
    one = grover.grover(4, frozenset({3}), 2)
    three = grover.grover(4, frozenset({3, 5, 6}), 2)
    names = [
        [op.name for op in qml.tape.make_qscript(circuit.function)(None, None).operations]
        for circuit in (one, three)
    ]
    assert [len(n) for n in names] == [4 + 2 * (1 + 1), 4 + 2 * (3 + 1)]


def test_wrong_arguments_are_refused():
    for make in (
        lambda: grover.grover(2, frozenset({4}), 1),
        lambda: grover.grover(2, frozenset({1}), 1, "third"),
        lambda: grover.best_iterations(4, 0),
        lambda: grover.success(4, 5, 1),
    ):
        with pytest.raises(QwattError):
            make()
