"""Fourier series, Grover, factorisation machines and spaces against what they must equal."""

import itertools

import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method, get_task
from qwatt.quantum import qubo
from qwatt.quantum.algorithms.minimum_finding import call_budget, find_minimum
from qwatt.quantum.backends.engine import EngineBackend
from qwatt.quantum.circuits.grover import diagonal_grover, success
from qwatt.quantum.circuits.reupload import variational_layer
from qwatt.quantum.primitives.grover import minimum_calls
from qwatt.stages.architecture.search.declared import declared_space
from qwatt.stages.architecture.search.factorisation import FactorisationMachine
from qwatt.stages.architecture.search.fourier import (
    coefficients,
    evaluate,
    frequencies,
    sampling_grid,
    series_kernel,
)
from qwatt.stages.architecture.search.grover_minimum import searched
from qwatt.stages.architecture.search.one_hot import QUBITS, decoded, draw_window, penalised
from qwatt.stages.architecture.search.one_hot_exact import feasible
from qwatt.stages.architecture.search.problem import TASK
from qwatt.stages.architecture.search.space import Choice, Space
from qwatt.stages.architecture.search.surrogate import standardised


@pytest.mark.parametrize(("wires", "reuploads"), [(2, 1), (3, 2), (2, 3)])
def test_a_vqc_surrogate_is_its_truncated_fourier_series(wires, reuploads):
    """Sampled on 2R + 1 points an angle, the series predicts the circuit everywhere (arXiv:2008.08605)."""
    circuit = variational_layer(wires, reuploads, 2)
    rng = np.random.default_rng(5)
    weights, readout = rng.normal(size=circuit.weight_shape), rng.normal(size=wires)

    def surrogate(angles):
        return EngineBackend().expval(circuit, angles, weights).numpy() @ readout

    series = coefficients(surrogate(sampling_grid(wires, reuploads)), wires, reuploads)
    anywhere = rng.uniform(-7, 7, (40, wires))
    assert evaluate(series, anywhere, reuploads) == pytest.approx(surrogate(anywhere), abs=2e-5)
    lower = coefficients(surrogate(sampling_grid(wires, reuploads - 1)), wires, reuploads - 1)
    assert np.abs(evaluate(lower, anywhere, reuploads - 1) - surrogate(anywhere)).max() > 1e-3


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 3), st.integers(1, 3), st.floats(0.1, 0.9), st.integers(0, 99))
def test_the_fourier_kernel_is_the_product_of_all_features(angles, degree, decay, seed):
    x, y = np.random.default_rng(seed).uniform(-9, 9, (2, 3, angles))
    orders = frequencies(angles, degree)
    weights = decay ** np.abs(orders).sum(axis=1)
    features = [np.exp(1j * points @ orders.T) * np.sqrt(weights / weights.sum()) for points in (x, y)]
    explicit = (features[0] @ features[1].conj().T).real
    assert series_kernel(x, y, degree, decay) == pytest.approx(explicit, abs=1e-9)


def test_duerr_hoyer_on_the_table_follows_its_bound():
    """Within 22.5 sqrt(N) + 1.4 log2(N)^2 calls the least is found with probability 1/2 or more."""
    table = get_task(TASK).load("builtin:digits", "s", 0).objective.table
    losses = table.losses[:, -1]
    budget = call_budget(len(losses))
    assert budget == int(np.ceil(22.5 * np.sqrt(len(losses)) + 1.4 * np.log2(len(losses)) ** 2))
    found = [searched(losses, seed)[0] for seed in range(20)]
    assert all(budget <= one.oracle_calls + one.checks <= budget + np.sqrt(2 * len(losses)) for one in found)
    assert sum(one.value == losses.min() for one in found) >= 10
    assert all(one.loss_evaluations == len(losses) for one in found), "the simulation evaluates every item"
    to_least = [find_minimum(losses, np.random.default_rng(s), target=losses.min()) for s in range(200)]
    assert np.mean([one.oracle_calls + one.checks for one in to_least]) <= budget
    top = np.sort(losses)[1]
    to_top = [find_minimum(losses, np.random.default_rng(s), target=top) for s in range(200)]
    assert np.mean([m.oracle_calls for m in to_top]) < np.mean([m.oracle_calls for m in to_least])


@pytest.mark.parametrize("iterations", [0, 1, 3])
def test_the_diagonal_oracle_searches_as_the_closed_form_says(iterations):
    marks = np.zeros(16)
    marks[[3, 9, 12]] = 1
    circuit = diagonal_grover(4, iterations)

    @qml.qnode(qml.device("default.qubit", wires=4))
    def node():
        circuit.function(marks, None)
        return qml.probs(wires=range(4))

    share = node()[marks == 1].sum()
    assert share == pytest.approx(success(16, 3, iterations))
    assert EngineBackend().probs(circuit, marks[None]).numpy()[0] == pytest.approx(node(), abs=1e-5)


def test_the_bound_is_more_than_reading_the_table_up_to_738_items():
    assert [n for n in range(2, 2_000) if minimum_calls(n) > n][-1] == 738


def test_grover_answers_what_it_measured():
    problem = get_task(TASK).load("builtin:digits", "xs", 4)
    method = get_method(TASK, "grover-minimum")
    solution = method.run(problem, method.defaults(), Unmetered(get_backend("engine"), 100, 4))
    found, _ = searched(problem.objective.table.losses[:, -1], 4)
    assert solution.answer.point == found.index
    assert solution.projected == {"oracle_calls": found.oracle_calls, "oracle_checks": found.checks}
    assert solution.counters["loss_evaluations"] == problem.space.size == solution.counters["trainings"]


def machine(bits, seed, rank=3):
    rng = np.random.default_rng(seed)
    return FactorisationMachine(rng.normal(size=1), rng.normal(size=bits), rng.normal(size=(bits, rank)))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 7), st.integers(0, 99))
def test_a_factorisation_machine_is_its_qubo(bits, seed):
    model = machine(bits, seed)
    strings = np.array(list(itertools.product((0, 1), repeat=bits)), dtype=np.int8)
    linear, quadratic = model.quadratic(np.arange(bits))
    bqm = qubo.bqm_from_arrays(linear, quadratic, float(model.bias[0]))
    assert model.predict(strings) == pytest.approx(qubo.energy_of(bqm, strings))


def test_a_factorisation_machine_learns_one():
    space = Space(tuple(Choice(str(i), "categorical", tuple(range(n))) for i, n in enumerate((4, 3, 3))))
    every = space.one_hot(range(space.size))
    targets = standardised(machine(10, 1, 2).predict(every))
    model = FactorisationMachine.drawn(10, 4, np.random.default_rng(0))
    error = model.fit(every, targets, 400, 1e-6)
    assert error == pytest.approx(((model.predict(every) - targets) ** 2).mean())
    assert error < 0.01


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(2, 4), min_size=1, max_size=3), st.integers(0, 99))
def test_the_penalty_makes_the_least_energy_feasible_and_the_least_prediction(shape, seed):
    space = Space(tuple(Choice(str(i), "ordered", tuple(range(n))) for i, n in enumerate(shape)))
    model, window = machine(sum(shape), seed), draw_window(space, 0, np.random.default_rng(seed))
    linear, quadratic = model.quadratic(window.bits)
    bqm = qubo.bqm_from_arrays(*penalised(linear, quadratic, window.owners))
    least = qubo.get_sampler("exact").sample(bqm, 1, 0)
    bits = np.array([[least.first.sample[i] for i in range(len(linear))]], dtype=np.int8)
    point = space.number(decoded(bits, linear, window)[0])
    assert (space.one_hot([point])[0] == bits[0]).all()
    every = space.one_hot(range(space.size))
    assert model.predict(bits)[0] == pytest.approx(model.predict(every).min())
    assert sorted(map(tuple, feasible(window).tolist())) == sorted(map(tuple, every.tolist()))


def test_a_large_space_is_cut_to_the_best_points_values_and_others():
    space = Space(tuple(Choice(str(i), "ordered", tuple(range(9))) for i in range(4)))
    window = draw_window(space, 1234, np.random.default_rng(0))
    assert len(window.bits) == QUBITS == len(window.owners)
    assert all(level in group for level, group in zip(space.levels(1234), window.groups, strict=True))


def test_strings_that_are_no_choice_are_decoded_to_the_cheapest():
    space = Space((Choice("a", "ordered", (0, 1, 2)), Choice("b", "ordered", (0, 1))))
    window = draw_window(space, 0, np.random.default_rng(0))
    linear = np.array([3.0, 1.0, 2.0, -1.0, -2.0])
    strings = np.array([[1, 0, 1, 0, 0], [0, 0, 0, 1, 1], [1, 0, 0, 1, 0]], dtype=np.int8)
    assert decoded(strings, linear, window).tolist() == [[2, 1], [1, 1], [0, 0]]


DECLARED = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    st.one_of(
        st.integers(2, 5).map(lambda n: {"choice": [f"v{i}" for i in range(n)]}),
        st.tuples(st.integers(-4, 4), st.integers(1, 9)).map(lambda e: {"int": [e[0], e[0] + e[1]]}),
        st.tuples(st.floats(1e-6, 1.0), st.integers(2, 6)).map(
            lambda e: {"log": [e[0], 8 * e[0]], "levels": e[1]}
        ),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=30, deadline=None)
@given(DECLARED, st.integers(0, 99))
def test_points_are_numbered_and_designs_touch_every_value(table, seed):
    space = declared_space(table, "here")
    assert space.size == np.prod(space.shape) == len(space.every)
    assert [space.number(levels) for levels in space.every] == list(range(space.size))
    assert space.one_hot(range(space.size)).sum(axis=1).tolist() == [len(table)] * space.size
    for choice, kind in zip(space.choices, table.values(), strict=True):
        assert "choice" in kind or list(choice.values) == sorted(set(choice.values))
    points = min(space.size, 6)
    design = space.design(points, np.random.default_rng(seed))
    assert len(set(design)) == points
    if points == 6:
        for column, count in zip(space.levels(design).T, space.shape, strict=True):
            assert len(set(column.tolist())) >= min(count, 6) - 1, "a repeated point may cost one value"


def test_a_logarithm_is_spaced_evenly_and_half_a_turn_wide():
    space = declared_space({"rate": {"log": [1e-4, 1e-1], "levels": 4}, "kind": ["a", "b", "c"]}, "here")
    assert space.choices[0].values == pytest.approx((1e-4, 1e-3, 1e-2, 1e-1))
    assert space.angles[:, 0].max() == pytest.approx(np.pi)
    assert sorted(set(space.angles[:, 1].round(9))) == pytest.approx([0, 2 * np.pi / 3, 4 * np.pi / 3])


def test_losses_become_normal_scores():
    values = standardised(np.array([0.1, 1e9, 0.2, 0.3]))
    assert values.argsort().tolist() == [0, 2, 3, 1]
    assert (values.mean(), values.std()) == pytest.approx((0.0, 1.0))
