from collections.abc import Callable
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import scipy.stats  # noqa: F401 (not within the deadline of a property)
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.judgement import ALPHA, HOPELESS, Outcome, decide, further_seeds, judge, seeds_needed

MARGIN = 0.01
ORDER = [Outcome.WORSE, Outcome.UNDECIDED, Outcome.NOT_WORSE]

differences = st.lists(st.floats(-1, 1) | st.sampled_from([-0.02, -MARGIN, 0.0]), min_size=1, max_size=30)


@given(differences, st.data())
def test_raising_a_difference_is_never_to_its_disadvantage(values: list[float], data: st.DataObject) -> None:
    lifts = data.draw(st.lists(st.floats(0, 2), min_size=len(values), max_size=len(values)))
    before = judge(values, MARGIN)
    after = judge([v + lift for v, lift in zip(values, lifts, strict=True)], MARGIN)
    assert ORDER.index(after.outcome) >= ORDER.index(before.outcome)
    assert after.p_value is not None and before.p_value is not None
    assert after.p_value <= before.p_value


@given(differences)
def test_the_interval_tells_the_outcome(values: list[float]) -> None:
    found = judge(values, MARGIN)
    assert found.difference is not None
    low, middle, high = found.difference
    assert (found.outcome is Outcome.NOT_WORSE) == (low is not None and low > -MARGIN + 1e-9)
    assert (found.outcome is Outcome.WORSE) == (high is not None and high < -MARGIN - 1e-9)
    assert (low is None) == (high is None)
    if low is not None and high is not None:
        assert low <= middle <= high


@given(differences)
def test_the_order_of_seeds_does_not_matter(values: list[float]) -> None:
    assert judge(values, MARGIN) == judge(values[::-1], MARGIN)


@given(differences)
def test_the_two_sides_mirror_each_other(values: list[float]) -> None:
    mirrored = judge([-v for v in values], 0.0)
    here = judge(values, 0.0)
    assert ORDER.index(here.outcome) + ORDER.index(mirrored.outcome) == 2
    assert here.more_seeds == mirrored.more_seeds


def test_the_chance_of_ever_reaching_a_bound_is_counted_out() -> None:
    """Every sequence of 16 fair coins, and exact fractions up to 200."""
    needed = [seeds_needed(n) for n in range(17)]
    reached = sum(
        any(sum(coins[:n]) >= needed[n] for n in range(5, 17)) for coins in product((0, 1), repeat=16)
    )
    assert chance_of_reaching(16) == Fraction(reached, 2**16)
    assert chance_of_reaching(5) == Fraction(1, 32)
    assert chance_of_reaching(200) <= Fraction(ALPHA)


def chance_of_reaching(most: int) -> Fraction:
    ways, reached = {0: 1}, Fraction(0)
    for n in range(1, most + 1):
        step: dict[int, int] = {}
        for above, count in ways.items():
            for further in (above, above + 1):
                step[further] = step.get(further, 0) + count
        ways = {above: count for above, count in step.items() if above < seeds_needed(n)}
        reached += Fraction(sum(step.values()) - sum(ways.values()), 2**n)
    return reached


def test_a_further_success_never_takes_a_decision_back() -> None:
    for n in range(5, 1000):
        assert seeds_needed(n) <= seeds_needed(n + 1) <= seeds_needed(n) + 1
    assert [n for n in range(1, 5) if seeds_needed(n) <= n] == []


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_further_seeds_are_the_fewest_that_decide(case: tuple[int, int]) -> None:
    above, seeds = case
    below = seeds - above
    if decide(above, below, seeds) is not Outcome.UNDECIDED:
        return
    more = further_seeds(above, below, seeds)

    def decided(total: int) -> bool:
        counts = [round(Fraction(count * total, seeds)) for count in (above, below)]
        return decide(counts[0], counts[1], total) is not Outcome.UNDECIDED

    reachable = [total - seeds for total in range(seeds + 1, 1001) if decided(total)]
    assert more == (reachable[0] if reachable else None)


@pytest.mark.parametrize(
    ("values", "outcome", "more"),
    [
        ([-0.004, -0.002, -0.004, 0.043, 0.073], "not worse", None),
        ([0.0] * 5, "not worse", None),
        ([-0.02] * 5, "worse", None),
        ([-MARGIN] * 20, "undecided", None),
        ([0.0] * 4, "undecided", 1),
        ([0.0] * 9 + [-0.02], "not worse", None),
        ([0.0] * 8 + [-0.02], "undecided", 1),
        ([0.0, -0.02] * 10, "undecided", None),
    ],
)
def test_cases_that_one_can_check_by_hand(values: list[float], outcome: str, more: int | None) -> None:
    found = judge(values, MARGIN)
    assert (found.outcome, found.more_seeds) == (outcome, more)
    assert (found.outcome == "undecided") == bool(found.reason)


@pytest.mark.parametrize(
    ("values", "too_close", "words"),
    [
        ([0.0] * 5, False, ""),
        ([], False, ""),
        ([0.0] * 8 + [-0.02], False, "about 1 more seed would tell, if they fall like these"),
        ([0.0, -0.02] * 10, True, "too close to the margin: not even 1000 seeds would tell"),
        ([0.0] * 3 + [-0.02] * 2, True, "too close to the margin: it takes about "),
    ],
)
def test_the_outlook_is_more_seeds_or_that_it_hardly_matters(
    values: list[float], too_close: bool, words: str
) -> None:
    found = judge(values, MARGIN)
    assert found.too_close == too_close and found.outlook.startswith(words)
    assert bool(found.outlook) == bool(words)
    if found.more_seeds:
        assert f" {found.more_seeds} more seed" in found.outlook
    assert found.too_close == (found.outlook != "" and (found.more_seeds or 1001) > HOPELESS)


# Error rates and power, by simulation

Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]

AT_THE_MARGIN: dict[str, Draw] = {
    "normal": lambda rng, shape: rng.normal(0, 0.02, shape),
    "skewed up": lambda rng, shape: 0.02 * (rng.exponential(1, shape) - np.log(2)),
    "skewed down": lambda rng, shape: -0.02 * (rng.exponential(1, shape) - np.log(2)),
    "heavy tails": lambda rng, shape: 0.01 * rng.standard_cauchy(shape),
    "tied": lambda rng, shape: rng.choice([-0.02, -0.01, 0.0, 0.01, 0.02], shape),
    "two values": lambda rng, shape: rng.choice([-0.01, 0.01], shape),
}
"""Differences, less the margin, with a median of zero; seeds are drawn in rows, shape (draws, seeds)."""


def outcomes(values: np.ndarray, first: int) -> list[Outcome]:
    """Judge every row after `first` seeds, then after every further one until it is decided."""
    seeds = np.arange(1, values.shape[1] + 1)
    above, below = (values > -MARGIN).cumsum(axis=1), (values < -MARGIN).cumsum(axis=1)
    found = []
    for row in np.stack([above, below, np.broadcast_to(seeds, above.shape)], axis=2).tolist():
        looks = (decide(*counts) for counts in row[first - 1 :])
        found.append(next((look for look in looks if look is not Outcome.UNDECIDED), Outcome.UNDECIDED))
    return found


@pytest.mark.parametrize("name", AT_THE_MARGIN)
def test_adding_seeds_until_decided_errs_in_at_most_five_of_a_hundred(name: str) -> None:
    values = AT_THE_MARGIN[name](np.random.default_rng(7), (10_000, 20)) - MARGIN
    found = outcomes(values, first=5)
    assert found.count(Outcome.NOT_WORSE) <= ALPHA * 10_000
    assert found.count(Outcome.WORSE) <= ALPHA * 10_000


@pytest.mark.parametrize("seeds", [5, 10, 20])
@pytest.mark.parametrize("name", AT_THE_MARGIN)
def test_a_fixed_number_of_seeds_errs_in_at_most_five_of_a_hundred(name: str, seeds: int) -> None:
    values = AT_THE_MARGIN[name](np.random.default_rng(11), (10_000, seeds)) - MARGIN
    found = outcomes(values, first=seeds)
    assert found.count(Outcome.NOT_WORSE) <= ALPHA * 10_000
    assert found.count(Outcome.WORSE) <= ALPHA * 10_000


def t_rule(values: np.ndarray) -> np.ndarray:
    """Pass rows whose one-sided 95 % Student bound of the mean lies above minus the margin."""
    from scipy.stats import t

    seeds = values.shape[1]
    error = values.std(axis=1, ddof=1) / np.sqrt(seeds)
    return np.asarray(values.mean(axis=1) - t.ppf(0.95, seeds - 1) * error > -MARGIN)


def test_a_rule_on_the_mean_fails_what_scatters_upward() -> None:
    """Four of five differences are zero or better by luck; only the sign test sees that none is worse."""
    rng = np.random.default_rng(3)
    values = np.where(rng.random((2000, 5)) < 0.4, rng.uniform(0.03, 0.3, (2000, 5)), -0.004)
    assert outcomes(values, first=5).count(Outcome.NOT_WORSE) == 2000
    assert t_rule(values).mean() < 0.9


def test_power_of_adding_seeds_holds_up_to_the_rule_on_the_mean() -> None:
    """Normal differences of mean zero and a spread of the margin: the old rule at its best."""
    values = np.random.default_rng(5).normal(0, MARGIN, (1000, 20))
    found = outcomes(values, first=5)
    assert found.count(Outcome.NOT_WORSE) / 1000 > t_rule(values[:, :5]).mean() + 0.2
    assert found.count(Outcome.WORSE) == 0
