"""Searches for an unknown number of marked items: all are found, and calls follow the bound."""

import numpy as np
import pytest

from qwatt.quantum.algorithms.minimum_finding import on_backend
from qwatt.quantum.algorithms.search_all import PATIENCE, Search, find_all, find_one
from qwatt.quantum.backends import get_circuit_backend
from qwatt.quantum.circuits.grover import diagonal_grover
from qwatt.quantum.primitives import grover
from qwatt.quantum.primitives.size import size_of


def marks(items, count, seed=0):
    found = np.zeros(items, dtype=bool)
    found[np.random.default_rng(seed).choice(items, count, replace=False)] = True
    return found


@pytest.mark.parametrize(("items", "count"), [(1024, 1), (1024, 3), (1024, 20), (256, 100), (64, 48)])
def test_mean_calls_until_the_first_find_are_below_the_bound(items, count):
    """Theorem 3 of arXiv:quant-ph/9605034, up to M = 3 N / 4; searches that fail would break the bound."""
    bound = 4.5 * items / (2.0 * np.sqrt(count * (items - count)))
    rng, calls, found = np.random.default_rng(1), [], 0
    for _ in range(300):
        search = Search()
        found += find_one(marks(items, count), rng, search) is not None
        calls.append(sum(search.iterations))
    mean, error = np.mean(calls), np.std(calls) / np.sqrt(300)
    assert mean - 2 * error < bound
    assert found > 0.95 * 300


def test_calls_for_one_item_grow_as_the_root():
    means = []
    for items in (1_024, 4_096, 16_384):  # of fewer the first, short iterations are a part
        rng, calls = np.random.default_rng(2), []
        for _ in range(300):
            search = Search()
            find_one(marks(items, 1), rng, search)
            calls.append(sum(search.iterations))
        means.append(np.mean(calls))
    assert 1.6 < means[1] / means[0] < 2.4 and 1.6 < means[2] / means[1] < 2.4


@pytest.mark.parametrize("count", [0, 1, 5, 60, 256])
def test_all_marked_items_are_found_and_no_other(count):
    marked, missed = marks(256, count), 0
    for seed in range(20):
        search = find_all(marked, np.random.default_rng(seed))
        assert len(set(search.found)) == len(search.found) and marked[search.found].all()
        missed += count - len(search.found)
        assert search.items == 256
    assert missed <= 0.03 * 20 * count + 1


def test_a_search_for_nothing_gives_up():
    search = find_all(marks(1024, 0), np.random.default_rng(0))
    assert not search.found
    assert PATIENCE * 32 <= search.oracle_calls <= PATIENCE * 32 + 33


def test_the_circuit_itself_finds_them():
    marked = marks(16, 3, 5)
    backend = get_circuit_backend("engine")
    search = find_all(marked, np.random.default_rng(0), on_backend(backend))
    assert sorted(search.found) == np.flatnonzero(marked).tolist()
    assert backend.recorder.demand.circuits == len(search.iterations)


@pytest.mark.parametrize("iterations", [0, 1, 2, 5, 9])
def test_the_bill_of_a_diagonal_oracle_is_the_counted_circuit(iterations):
    counted, billed = size_of(diagonal_grover(5, iterations)), grover.diagonal_bill(5, iterations, 3)
    assert billed.circuits == 3 and billed.shots == 1
    for name in ("qubits", "gates_1q", "gates_2q", "depth", "read"):
        assert getattr(counted, name) == getattr(billed.size, name), name
