"""Independent sets against brute force, their repair, and one-swap search."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.quantum.qubo import (
    bqm_from_arrays,
    energy_of,
    get_sampler,
    independent_set_bqm,
    one_swap_search,
    repair_independent_set,
)


@st.composite
def weighted_graphs(draw):
    n = draw(st.integers(1, 8))
    weights = draw(st.lists(st.floats(0.1, 5.0), min_size=n, max_size=n))
    pairs = list(itertools.combinations(range(n), 2))
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return weights, edges


def independent(bits, edges):
    return not any(bits[i] and bits[j] for i, j in edges)


def best_weight(weights, edges):
    rows = itertools.product([0, 1], repeat=len(weights))
    return max(float(np.dot(row, weights)) for row in rows if independent(row, edges))


@settings(max_examples=40, deadline=None)
@given(weighted_graphs())
def test_ground_state_is_the_heaviest_independent_set(graph):
    weights, edges = graph
    first = get_sampler("exact").sample(independent_set_bqm(weights, edges), 1, 0).first
    bits = [first.sample[i] for i in range(len(weights))]
    assert independent(bits, edges)
    assert -first.energy == pytest.approx(best_weight(weights, edges))


@settings(max_examples=60, deadline=None)
@given(weighted_graphs(), st.integers(0, 255))
def test_repair_gives_a_maximal_independent_set(graph, start):
    weights, edges = graph
    n = len(weights)
    bits = np.array([start >> i & 1 for i in range(n)])
    kept = repair_independent_set(bits, weights, edges)
    assert independent(kept, edges)
    for vertex in np.flatnonzero(kept == 0):
        assert not independent(np.where(np.arange(n) == vertex, 1, kept), edges)
    if independent(bits, edges):
        assert (kept >= bits).all()


def test_repair_drops_the_lighter_end():
    assert repair_independent_set([1, 1, 0], [1.0, 2.0, 0.5], [(0, 1), (1, 2)]).tolist() == [0, 1, 0]


def test_agrees_with_networkx_on_a_graph_of_twenty():
    graph = nx.gnp_random_graph(20, 0.3, seed=4)
    weights = np.random.default_rng(4).uniform(0.5, 2.0, 20).round(3)
    bqm = independent_set_bqm(weights, np.array(graph.edges))
    scaled = nx.complement(graph)
    nx.set_node_attributes(scaled, {i: round(1000 * w) for i, w in enumerate(weights)}, "weight")
    _, truth = nx.max_weight_clique(scaled)
    for name in ("exact", "annealing", "tabu"):
        assert -get_sampler(name).sample(bqm, 20, 0).first.energy * 1000 == pytest.approx(truth)


@pytest.mark.parametrize(
    ("weights", "edges", "penalty"),
    [
        ([1.0, 0.0], [], 1.5),
        ([1.0, 1.0], [(0, 2)], 1.5),
        ([1.0, 1.0], [(1, 1)], 1.5),
        ([1.0, 1.0], [(0, 1)], 1.0),
    ],
)
def test_refuses_what_has_no_meaning(weights, edges, penalty):
    with pytest.raises(QwattError):
        independent_set_bqm(weights, edges, penalty)


def test_one_swap_search_keeps_the_count_and_ends_in_a_local_minimum():
    rng = np.random.default_rng(1)
    bqm = bqm_from_arrays(rng.normal(size=9), rng.normal(size=(9, 9)))
    start = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])
    found = one_swap_search(bqm, start)
    assert found.sum() == 4
    energy = energy_of(bqm, found)
    assert energy < energy_of(bqm, start)
    for off, on in itertools.product(np.flatnonzero(found), np.flatnonzero(found == 0)):
        other = found.copy()
        other[off], other[on] = 0, 1
        assert energy_of(bqm, other) >= energy - 1e-9


def test_arrays_are_summed_over_both_triangles():
    bqm = bqm_from_arrays([1.0, 2.0], [[0.5, 1.0], [3.0, 0.0]], offset=-1.0)
    assert bqm.energy({0: 1, 1: 1}) == pytest.approx(1.0 + 2.0 + 0.5 + 4.0 - 1.0)
    with pytest.raises(QwattError, match="do not fit"):
        bqm_from_arrays([1.0], np.zeros((2, 2)))
    with pytest.raises(QwattError, match="finite"):
        bqm_from_arrays([np.nan], np.zeros((1, 1)))
