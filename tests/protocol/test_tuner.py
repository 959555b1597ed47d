import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_numbers import method

from qwatt.core.method import Method
from qwatt.protocol.tuner import candidates

spaces = st.dictionaries(
    st.sampled_from("abcd"), st.lists(st.integers(0, 99), min_size=1, max_size=5, unique=True), max_size=4
)


def with_space(space: Mapping[str, Sequence[Any]]) -> Method:
    return method("spacious", lambda x, context: x, space=space)()


@given(spaces, st.integers(1, 40), st.integers(0, 2**40))
def test_every_method_gets_as_many_as_its_space_holds(space: Any, count: int, seed: int) -> None:
    found = candidates(with_space(space), count, [seed, 7])
    whole = 1
    for values in space.values():
        whole *= len(values)
    assert len(found) == min(count, whole)
    assert found[0] == {name: values[0] for name, values in space.items()}
    assert len({tuple(sorted(settings.items())) for settings in found}) == len(found)
    assert all(settings[name] in space[name] for settings in found for name in space)


@given(spaces, st.integers(1, 10), st.integers(0, 2**40))
def test_a_resumed_trial_draws_the_same(space: Any, count: int, seed: int) -> None:
    again = [candidates(with_space(space), count, [seed, 3]) for _ in range(2)]
    assert again[0] == again[1]


def test_more_trials_extend_fewer() -> None:
    method = with_space({"a": range(10), "b": range(10)})
    assert candidates(method, 20, [1, 2])[:8] == candidates(method, 8, [1, 2])


def test_seeds_draw_differently() -> None:
    method = with_space({"a": range(10), "b": range(10)})
    assert candidates(method, 8, [1, 2]) != candidates(method, 8, [2, 2])


@given(spaces, st.data(), st.integers(0, 2**40))
def test_every_value_is_tried_as_often_as_its_siblings(space: Any, data: st.DataObject, seed: int) -> None:
    widest = max((len(values) for values in space.values()), default=1)
    found = candidates(with_space(space), data.draw(st.integers(1, widest)), [seed, 5])
    for name, values in space.items():
        times = [sum(settings[name] == value for settings in found) for value in values]
        assert max(times) - min(times) <= 1


def test_draws_leave_smaller_holes_than_by_chance() -> None:
    """In 12 draws of a 6 by 6 by 6 grid, pure luck misses a value of some setting more often than not."""
    method = with_space({name: range(6) for name in "abc"})
    luck = np.random.default_rng(0).integers(0, 6, (200, 12, 3))
    missed = sum(any(len(set(column)) < 6 for column in draw.T) for draw in luck)
    assert missed > 100
    for seed in range(200):
        found = candidates(method, 12, [seed, 1])
        assert all({settings[name] for settings in found} == set(range(6)) for name in "abc")


@given(spaces, st.integers(1, 40), st.integers(0, 2**40))
def test_a_fixed_setting_leaves_the_space(space: Any, count: int, seed: int) -> None:
    fixed = tuple((name, 1000) for name in sorted(space)[:1])
    found = candidates(with_space(space), count, [seed, 9], fixed)
    names = [name for name, _ in fixed]
    assert all(settings[name] == 1000 for settings in found for name in names)
    assert all(list(settings) == list(space) for settings in found)
    rest = {name: values for name, values in space.items() if name not in names}
    assert len(found) == len(candidates(with_space(rest), count, [seed, 9]))


def test_a_small_space_is_searched_whole() -> None:
    from qwatt.core.registry import get_method

    minhash = get_method("curation/dedup", "minhash")
    for seed in range(5):
        found = candidates(minhash, 12, [seed, 1])
        assert len(found) == math.prod(len(choices) for choices in minhash.space.values())
        assert {s["threshold"] for s in found} == set(minhash.space["threshold"])


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_space_too_large_to_list_is_drawn_from(count: int) -> None:
    method = with_space({name: range(1000) for name in "abcdef"})
    found = candidates(method, count, [0, 1])
    assert len({tuple(settings.values()) for settings in found}) == count
    assert set(found[0].values()) == {0}
