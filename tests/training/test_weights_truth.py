"""Losses, searches and blocks against full passes, PennyLane, closed forms and exhaustive search."""

from itertools import product

import numpy as np
import pennylane as qml
import pytest
import torch
from scipy.stats import chi2_contingency

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import get_backend, get_method
from qwatt.quantum.backends import get_circuit_backend
from qwatt.quantum.circuits.grover import (
    best_iterations,
    grover,
    item_probabilities,
    published_iterations,
    success,
)
from qwatt.quantum.circuits.tabulated_search import search_inputs, tabulated_search
from qwatt.quantum.primitives.size import size_of
from qwatt.stages.training.weights.candidates import Spread, evaluations, near_least, searches
from qwatt.stages.training.weights.levels import LevelNetwork, block_evaluations, pairs
from qwatt.stages.training.weights.method import Training
from qwatt.stages.training.weights.network import PENALTY, objective, random_weights, size
from qwatt.stages.training.weights.pair_flips import PairFlips
from qwatt.stages.training.weights.qubo_exact import BlockExact
from qwatt.stages.training.weights.state import NetworkState

WINE, DIGITS = (13, 32, 3), (64, 64, 32, 16, 10)


@pytest.fixture
def training():
    rng = np.random.default_rng(1)
    return Training(rng.standard_normal((30, 4)).astype(np.float32), rng.integers(3, size=30), (4, 5, 6, 3))


def torch_loss(weights, training):
    values, total = torch.from_numpy(training.x).double(), 0.0
    for number, matrix in enumerate(weights):
        values = (torch.tanh(values) if number else values) @ torch.from_numpy(matrix).double()
        total += float(torch.from_numpy(matrix).double().square().sum())
    labels = torch.from_numpy(training.labels)
    return float(torch.nn.functional.cross_entropy(values, labels)) + PENALTY * total


def test_the_networks_and_evaluations_are_the_published_ones():
    assert (size(WINE), evaluations(WINE)) == (512, 19_456)
    assert (size(DIGITS), evaluations(DIGITS)) == (6_816, 223_232)
    assert searches(WINE) == {5: 416, 6: 96}


@pytest.mark.parametrize(("layer", "row", "column"), [(0, 3, 4), (1, 2, 5), (2, 5, 0)])
def test_losses_of_candidates_equal_full_passes(training, layer, row, column):
    start = random_weights(training.widths, np.random.default_rng(2))
    state = NetworkState(start, training.x, training.labels)
    assert state.loss == pytest.approx(torch_loss(start, training), abs=1e-6)
    values = Spread(3).values(layer, float(start[layer][row, column]), 0.6, 5)
    expected = []
    for value in values:
        changed = [matrix.copy() for matrix in start]
        changed[layer][row, column] = value
        expected.append(torch_loss(changed, training))
    assert state.losses(layer, row, column, values) == pytest.approx(expected, abs=1e-6)
    state.set(layer, row, column, float(values[7]))
    assert state.loss == pytest.approx(expected[7], abs=1e-6)
    assert objective(state.weights, training.x, training.labels) == pytest.approx(expected[7], abs=1e-6)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_losses_do_not_depend_on_how_many_candidates_are_worked_on_at_once(training, layer, monkeypatch):
    start = random_weights(training.widths, np.random.default_rng(2))
    values = Spread(3).values(layer, 0.3, 0.6, 5)
    state = NetworkState(start, training.x, training.labels)
    together = state.losses(layer, 1, 2, values)
    monkeypatch.setattr("qwatt.stages.training.weights.state._CACHED_NUMBERS", 7 * 6 * 30)
    assert np.array_equal(state.losses(layer, 1, 2, values), together)


def test_the_spread_shrinks_grows_and_is_bounded():
    spread = Spread(1)
    spread.adapt(0, fell=True)
    assert spread.factors == [pytest.approx(0.475)]
    for _ in range(100):
        spread.adapt(0, fell=False)
    assert spread.factors == [2.0]
    assert spread.values(0, 1.0, 0.5, 5)[[0, -1]] == pytest.approx([0.0, 2.0])


def test_marks_are_within_the_tolerance_of_the_least():
    losses = np.array([1.0, 1.049, 1.06, 1.2])
    assert near_least(losses, 5).tolist() == [True, True, False, False]
    assert near_least(losses, 6).tolist() == [True, True, True, False]


@pytest.mark.parametrize("oracle", ["textbook", "half"])
@pytest.mark.parametrize(
    ("wires", "marked"), [(2, {1}), (3, {0, 5}), (5, {3}), (5, {1, 8, 30}), (5, set(range(24)))]
)
def test_one_circuit_serves_every_marked_set(oracle, wires, marked):
    items = 2**wires
    marks = np.isin(np.arange(items), list(marked))
    circuit = tabulated_search(wires, oracle)
    for steps in range(best_iterations(items, 1) + 1):
        found = get_circuit_backend("engine").probs(circuit, search_inputs(marks, steps, oracle))
        share = found.numpy()[0].reshape(items, -1).sum(axis=1)
        assert share[marks].sum() == pytest.approx(success(items, len(marked), steps, oracle), abs=1e-5)


@pytest.mark.parametrize("oracle", ["textbook", "half"])
@pytest.mark.parametrize("wires", [2, 4])
def test_the_closed_form_is_the_circuits_distribution_item_by_item(oracle, wires):
    items, rng = 2**wires, np.random.default_rng(wires)
    circuit, backend = tabulated_search(wires, oracle), get_circuit_backend("engine:cpu?dtype=complex128")
    for count in {0, 1, 3, items // 2, items - 1, items}:
        marks = np.isin(np.arange(items), rng.permutation(items)[:count])
        for steps in range(best_iterations(items, 1) + 1):
            state = backend.probs(circuit, search_inputs(marks, steps, oracle)).numpy()[0]
            expected = state.reshape(items, -1).sum(axis=1)
            assert item_probabilities(marks, steps, oracle) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("oracle", ["textbook", "half"])
def test_searches_drawn_in_closed_form_count_and_bill_as_those_of_a_simulated_circuit(oracle):
    marks, shots = np.isin(np.arange(8), [2, 5]), 4000
    found = {}
    for spec in ("engine", "pennylane:default.qubit"):
        backend = get_circuit_backend(spec)
        counts = backend.search(marks, 1, oracle, shots, np.random.default_rng(6))
        found[spec] = counts, backend.recorder.demand
    (drawn, bill), (run, charged) = found.values()
    assert bill == charged
    assert drawn.sum() == run.sum() == shots
    both = np.stack([drawn, run])[:, item_probabilities(marks, 1, oracle) > 1e-9]
    assert chi2_contingency(both).pvalue > 1e-3


@pytest.mark.parametrize("spec", ["engine", "pennylane:default.qubit"])
@pytest.mark.parametrize(
    ("marks", "steps", "said"),
    [
        (np.ones(6, bool), 1, "6 items"),
        (np.ones(2, bool), 0, "2 items"),
        (np.ones(0, bool), 0, "0 items"),
        (np.ones((2, 4), bool), 0, r"shape \(2, 4\)"),
        (np.ones(8, int), 0, "int64"),
        (np.ones(8, bool), -1, "-1 iterations"),
        (np.ones(8, bool), 99, "99 iterations"),
    ],
)
def test_a_search_that_the_circuit_cannot_run_is_refused_and_not_billed(spec, marks, steps, said):
    backend = get_circuit_backend(spec)
    with pytest.raises(QwattError, match=said):
        backend.search(marks, steps)
    assert backend.recorder.demand == get_circuit_backend(spec).recorder.demand


@pytest.mark.parametrize("oracle", ["textbook", "half"])
def test_the_circuit_has_the_states_of_multi_controlled_gates_and_fewer_of_them(oracle):
    marks = np.isin(np.arange(8), [2, 6, 7])
    device = qml.device("default.qubit", wires=4)

    def probabilities(circuit, inputs):
        @qml.qnode(device)
        def run():
            circuit.function(inputs, None)
            return qml.probs(wires=range(3))

        return run()

    tabulated, textbook = tabulated_search(3, oracle), grover(3, frozenset({2, 6, 7}), 1, oracle)
    found = probabilities(tabulated, search_inputs(marks, 1, oracle)[0])
    assert found == pytest.approx(probabilities(textbook, None), abs=1e-9)
    most = grover(3, frozenset(range(4)), best_iterations(8, 1), oracle)
    assert size_of(tabulated).gates_2q < size_of(most).gates_2q


def test_more_than_half_marked_takes_no_iteration_and_one_would_miss():
    method = get_method("training/weights", "grover")
    assert method.iterations(32, 24) == 0
    assert success(32, 24, 1) == pytest.approx(0.0, abs=1e-9)
    assert (
        get_method("training/weights", "grover-published").iterations(32, 24)
        == published_iterations(32, 24)
        == 1
    )


@pytest.mark.parametrize("values", ["binary", "ternary"])
def test_a_block_is_exact_for_one_and_two_flips(training, values):
    start = random_weights(training.widths, np.random.default_rng(3))
    network = LevelNetwork(training, values, 2.0, start)
    levels = set(np.round(network.weights[0] / network.levels[0], 4).ravel().tolist())
    assert levels <= ({-1.0, 1.0} if values == "binary" else {-1.0, 0.0, 1.0})
    block = np.array([0, 1, 9, 20])
    linear, quadratic = network.model(block)
    assert len(linear) + len(pairs(4)[0]) == block_evaluations(4)
    for flips in product([0, 1], repeat=4):
        bits = np.array(flips, dtype=bool)
        if 0 < bits.sum() < 3:
            predicted = linear[bits].sum() + quadratic[np.ix_(bits, bits)].sum()
            before = network.bits.copy()
            network.bits.ravel()[block[bits]] ^= 1
            assert torch_loss(network.weights, training) - network.loss == pytest.approx(predicted, abs=1e-6)
            network.bits = before


def test_solvers_of_a_block_find_what_they_say():
    rng = np.random.default_rng(4)
    linear, quadratic = rng.standard_normal(6), np.triu(rng.standard_normal((6, 6)), 1)
    strings = np.array(list(product([0, 1], repeat=6)), dtype=float)
    energies = strings @ linear + ((strings @ quadratic) * strings).sum(axis=1)
    context = Unmetered(get_backend("engine"), 200)
    assert BlockExact().solve(linear, quadratic, context).tolist() == strings[energies.argmin()].tolist()
    few = np.where((strings.sum(axis=1) > 0) & (strings.sum(axis=1) < 3), energies, np.inf)
    assert PairFlips().solve(linear, quadratic, context).tolist() == strings[few.argmin()].tolist()
