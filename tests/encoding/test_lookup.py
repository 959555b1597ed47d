"""Look-ups of a table of levels: the levels, the code, and what the circuits read."""

import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.lloyd_max import normal_levels, packed, unpacked
from qwatt.stages.encoding.load.lookup import levels_of, most_read, words_of
from qwatt.stages.encoding.load.problem import LoadProblem
from qwatt.stages.encoding.load.score import true_similarities
from qwatt.stages.encoding.load.topics import topic_vectors

LOOKUPS = ("select-only", "qrom", "qram")


@pytest.fixture(scope="module")
def problem() -> LoadProblem:
    made = topic_vectors(60, 32, 0)
    return LoadProblem("encoding/load", "made", "xs", 0, made[20:], made[:10], made[10:20], ("",) * 40)


def encoded(name, problem, shots=1000, **changes):
    method, context = get_method("encoding/load", name), Unmetered(get_backend("engine"), shots)
    code = method.encode(problem, method.defaults() | changes, context)
    return code, method.compare(code, problem.test, context), context.backend.recorder.demand


@pytest.mark.parametrize(
    ("bits", "half", "error"),
    [(1, [0.7979], 0.3634), (2, [0.4528, 1.5104], 0.1175), (4, [0.1284, 0.3881, 0.6568], 0.009497)],
)
def test_levels_and_errors_are_those_of_max_1960(bits, half, error):
    levels = normal_levels(bits)
    assert levels == pytest.approx(-levels[::-1], abs=1e-6)
    assert levels[2 ** (bits - 1) :][: len(half)] == pytest.approx(half, abs=2e-4)
    x = np.linspace(-8, 8, 400_001)
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    squares = (x - levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, x)]) ** 2
    assert (squares * density).sum() * (x[1] - x[0]) == pytest.approx(error, rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 7), st.integers(1, 20), st.integers(1, 5), st.integers(0, 10**6))
def test_packing_loses_nothing_and_leaves_no_gap(bits, columns, rows, seed):
    numbers = np.random.default_rng(seed).integers(0, 2**bits, (rows, columns))
    codes = packed(numbers, bits)
    assert codes.shape == (rows, -(-columns * bits // 8))
    assert (unpacked(codes, bits, columns) == numbers).all()


def test_a_vector_and_itself_have_the_inner_product_one(problem):
    """The factor takes the bias away that rounding towards the mean has."""
    code, _, _ = encoded("lloyd-max", problem, bits=2)
    method = get_method("encoding/load", "lloyd-max")
    found = method.compare(code, problem.stored, Unmetered(get_backend("engine")))
    assert np.diag(found) == pytest.approx(1, abs=1e-5)
    assert code.arrays["codes"].shape == (40, 32 * 2 / 8)


@pytest.mark.parametrize("name", LOOKUPS)
def test_a_looked_up_table_is_the_one_in_memory(name, problem):
    """Every bit of every address is read right, so that answers are the twin's up to 8-bit levels."""
    code, found, demand = encoded(name, problem)
    twin, expected, _ = encoded("lloyd-max", problem)
    levels = normal_levels(4)
    assert (code.config["unread"], code.config["wrong_bits"]) == (0, 0)
    assert code.arrays["table"] == pytest.approx(levels, abs=np.abs(levels).max() / 254 + 1e-6)
    assert np.array_equal(code.arrays["codes"], twin.arrays["codes"])
    assert found == pytest.approx(expected, abs=0.01)
    assert np.abs(found - true_similarities(problem.test, problem.stored)).max() < 0.1
    assert all(line.shots == 1000 for line in demand.circuit_lines)


def test_what_a_memory_of_circuits_would_take_is_projected_not_counted():
    from qwatt.testing.trials import run_small, small_spec

    method = get_method("encoding/load", "qram")
    trial, found, _ = run_small(type(method), small_spec(type(method), "builtin:topics"))
    assert trial.projected == {"lookups_without_a_copy": len(found.test) * 48 * 16}
    assert trial.demand["circuits"] == 16


PUBLISHED = {"two_layers": 0.8, "three_layers": 0.604}
ABOVE = {"two_layers": (0.0123, 0.0024), "three_layers": (0.0318, 0.0027)}
"""How far 20,000 other runs at the catalogue's gate error are above it, and their standard error."""


def test_noisy_queries_stand_beside_the_published_experiment():
    """arXiv:2506.16682: ours are .012 and .032 above it, which the catalogue's error of a gate leaves open.

    What is simulated is held to state vectors and density matrices in circuits/test_noisy_lookup.py.
    """
    found = {name: get_method("encoding/load", name).further(encoded_none(name)) for name in LOOKUPS}
    brigade = found["qram"]["noisy_query"]
    for layers, (above, doubt) in ABOVE.items():
        query, published = brigade[layers], PUBLISHED[layers]
        assert query["published_bucket_brigade"] == published
        assert query["standard_error"] < 0.0125
        tolerance = 4 * np.hypot(query["standard_error"], doubt)
        assert query["fidelity"] - published == pytest.approx(above, abs=tolerance)
    for name in ("select-only", "qrom"):
        for layers, query in found[name]["noisy_query"].items():
            assert query["gates"] < brigade[layers]["gates"]
            assert query["fidelity"] > brigade[layers]["fidelity"], "fewer gates, fewer errors"


def encoded_none(name):
    return Code(name, 0, 0.0, {}, dict(get_method("encoding/load", name).defaults()))


@pytest.mark.parametrize("name", LOOKUPS)
def test_superposed_addresses_come_with_their_own_words_only(name):
    """By PennyLane's simulator: N outcomes of probability 1 / N, each an address beside its word."""
    method, words = get_method("encoding/load", name), words_of(normal_levels(4))
    rows, columns, circuit = list(method.circuits(words, method.defaults()))[-1]

    @qml.qnode(qml.device("lightning.qubit", wires=circuit.wires))
    def run():
        circuit.function(None, None)
        return qml.probs(wires=circuit.readout)

    table, width = words[rows, columns], words[rows, columns].shape[1]
    expected = np.zeros(2 ** len(circuit.readout))
    for address, word in enumerate(table):
        expected[(address << width) + int("".join(map(str, word)), 2)] = 1 / len(table)
    assert run() == pytest.approx(expected, abs=1e-9)


def test_the_parts_of_a_table_cover_it_once():
    words = words_of(normal_levels(4))
    for name in LOOKUPS:
        covered = np.zeros_like(words)
        method = get_method("encoding/load", name)
        for rows, columns, _ in method.circuits(words, method.defaults()):
            covered[rows, columns] += 1
        assert (covered == 1).all()


def test_words_stand_for_levels():
    levels = normal_levels(3)
    assert levels_of(words_of(levels), levels) == pytest.approx(levels, abs=levels.max() / 254 + 1e-9)
    assert levels_of(words_of(levels), levels)[-1] == pytest.approx(levels[-1])


def test_most_shots_decide_and_what_was_not_seen_is_said():
    shots = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1], [1, 0, 1, 0]], dtype=np.int8)
    words, unread = most_read(shots, 4)
    assert words.tolist() == [[1, 1], [0, 0], [1, 0], [0, 0]]
    assert unread == 2
