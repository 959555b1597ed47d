import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import binom, binomtest, bootstrap

from qwatt.core.judgement import judge
from qwatt.core.normal import normal_quantile
from qwatt.core.statistics import (
    bootstrap_interval,
    pareto_front,
    repetitions,
    wilson_interval,
)


def test_wilson_matches_the_published_example() -> None:
    # Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662
    low, high = wilson_interval(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_contains_the_share(case: tuple[int, int]) -> None:
    successes, trials = case
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1


def test_repetitions_reach_the_target_with_99_percent() -> None:
    assert 1 - (1 - 0.3) ** repetitions(0.3) == pytest.approx(0.99)
    assert repetitions(1.0) == 1.0
    assert repetitions(0.0) == float("inf")


def test_one_value_is_its_own_interval() -> None:
    assert bootstrap_interval([0.3]) == (0.3, 0.3, 0.3)


def test_bootstrap_covers_the_median() -> None:
    rng = np.random.default_rng(5)
    covered = sum(
        low <= 0.0 <= high for low, _, high in (bootstrap_interval(rng.normal(size=15)) for _ in range(200))
    )
    assert covered >= 180  # nominal 95 % of 200


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=12))
def test_the_front_is_what_nobody_dominates(points: list[tuple[float, float]]) -> None:
    front = set(pareto_front(points))
    for i, (cost, benefit) in enumerate(points):
        dominated = any(c <= cost and b >= benefit and (c, b) != (cost, benefit) for c, b in points)
        assert (i in front) != dominated


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(case: tuple[int, int]) -> None:
    ends = binomtest(*case).proportion_ci(0.95, method="wilson")
    assert wilson_interval(*case) == pytest.approx((ends.low, ends.high), abs=1e-14)


@pytest.mark.parametrize("seeds", [2, 5, 12])
def test_bootstrap_is_scipys_percentile_bootstrap(seeds: int) -> None:
    values = np.random.default_rng(seeds).normal(size=seeds)
    rng = np.random.default_rng(0)
    ends = bootstrap((values,), np.median, n_resamples=2000, method="percentile", rng=rng).confidence_interval
    low, middle, high = bootstrap_interval(values.tolist())
    assert (low, middle, high) == pytest.approx((ends.low, np.median(values), ends.high))


def test_normal_quantiles_are_scipys_into_the_far_tails() -> None:
    shares = np.concatenate(
        [np.random.default_rng(0).uniform(size=10_000), np.logspace(-300, -1, 600), [0.5]]
    )
    np.testing.assert_allclose(normal_quantile(shares), ndtri(shares), rtol=1e-14, atol=1e-15)
    assert normal_quantile(np.full((2, 3), 0.975)).shape == (2, 3)


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_sign_tests_chance_is_the_binomial_tail(case: tuple[int, int]) -> None:
    above, seeds = case
    differences = [1.0] * above + [-1.0] * (seeds - above)
    assert judge(differences, margin=0.0).p_value == pytest.approx(float(binom.sf(above - 1, seeds, 0.5)))
