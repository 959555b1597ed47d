"""QUBOs with budgets against every bit string."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.quantum import qubo
from qwatt.quantum.qubo import BudgetedQubo

EVERY = np.array(list(itertools.product([0, 1], repeat=7)), dtype=np.int8)
PART = np.array([0, 1, 0, 1, 1, 0, 1])


def instance(seed: int, ones: tuple[int, int]) -> BudgetedQubo:
    rng = np.random.default_rng(seed)
    return BudgetedQubo(
        rng.normal(size=7), np.triu(rng.normal(size=(7, 7)), 1), PART, np.array(ones, dtype=np.int64)
    )


@given(st.integers(0, 10_000), st.integers(0, 3), st.integers(0, 4))
@settings(max_examples=30, deadline=None)
def test_the_sure_penalty_leaves_the_constrained_minimum(seed, first, second):
    model = instance(seed, (first, second))
    bqm = qubo.bqm_from_arrays(*model.penalised(model.sure_strength))
    best = EVERY[qubo.energy_of(bqm, EVERY).argmin()]
    allowed = [x for x in EVERY if x[PART == 0].sum() == first and x[PART == 1].sum() == second]
    assert model.is_within(EVERY).sum() == len(allowed)
    assert model.is_within(best)
    assert float(qubo.energy_of(bqm, best)) == pytest.approx(model.energies(allowed).min())
    for bits in EVERY[::9]:
        assert model.is_within(model.brought_back(bits))
    assert model.is_within(model.random(5, np.random.default_rng(seed))).all()


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_a_window_is_the_whole_up_to_a_constant(seed):
    model = instance(seed, (2, 2))
    bits = model.random(1, np.random.default_rng(seed))[0]
    inside = np.array([1, 2, 3, 5])
    part = model.window(bits, inside)
    gaps = set()
    for values in itertools.product([0, 1], repeat=4):
        other = bits.copy()
        other[inside] = values
        gaps.add(round(float(model.energies(other) - part.energies(values)), 9))
        assert bool(model.is_within(other)) == bool(part.is_within(values))
    assert len(gaps) == 1


@pytest.mark.parametrize("seed", range(5))
def test_one_swap_search_exchanges_within_parts_only(seed):
    model = instance(seed, (1, 3))
    start = model.random(1, np.random.default_rng(seed))[0]
    found = qubo.one_swap_search(model.bqm, start, model.part)
    assert model.is_within(found)
    pairs = itertools.product(np.flatnonzero(found), np.flatnonzero(found == 0))
    for one, zero in pairs:
        if PART[one] == PART[zero]:
            other = found.copy()
            other[one], other[zero] = 0, 1
            assert model.energies(other) >= model.energies(found) - 1e-9


def test_a_complete_model_couples_pairs_of_coupling_nought():
    linear, quadratic = np.array([1.0, -1.0, 0.5]), np.zeros((3, 3))
    bqm = qubo.complete_bqm(linear, quadratic)
    assert bqm.num_interactions == 3
    assert qubo.energy_of(bqm, [1, 1, 0]) == pytest.approx(0.0)
