"""Rungs of a ladder, and what a user changes of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.core.registry import all_tasks, get_task
from qwatt.core.size import Ladder, rung_of

LADDER = Ladder({"s": {"per_class": 256, "pool": None, "encoder": "minilm", "share": 0.2, "own": True}})


@given(st.integers(min_value=0, max_value=10**9))
def test_a_change_is_read_as_what_it_replaces(count):
    found = LADDER[f"s,per_class={count}, encoder=/tmp/a=b,share=0.5,own=false"]
    assert found == {
        "per_class": count,
        "pool": None,
        "encoder": "/tmp/a=b",
        "share": 0.5,
        "own": False,
    }
    assert LADDER["s"]["per_class"] == 256 and list(LADDER) == ["s"] and "s,per_class=1" in LADDER


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ("s,per_clas=3", "per_clas"),
        ("s,per_class=many", "per_class cannot be 'many'"),
        ("s,per_class=-1", "per_class cannot be '-1'"),
        ("s,per_class=1.5", "per_class cannot be '1.5'"),
        ("s,encoder=3", "encoder cannot be '3'"),
        ("s,own=1", "own cannot be '1'"),
        ("s,share=inf", "share cannot be 'inf'"),
        ("s,share=nan", "share cannot be 'nan'"),
        ("s,per_class=3,per_class=4", "per_class is given twice"),
        ("s,", "changes nothing"),
        ("s,per_class", "changes nothing"),
    ],
)
def test_a_change_that_means_nothing_is_refused(size, words):
    with pytest.raises(QwattError, match=words):
        LADDER[size]


def test_no_rung_stays_a_missing_key():
    assert "t" not in LADDER and LADDER.get("t,per_class=3") is None and rung_of("s,a=1") == "s"


@pytest.mark.parametrize("name", list(all_tasks()))
def test_every_task_has_a_ladder(name):
    task = get_task(name)
    assert isinstance(task.sizes, Ladder) and task.sizes["xs"]


def test_a_task_loads_a_changed_size():
    problem = get_task("tuning/head").load("vader", "xs,per_class=10,encoder=hashed:8", 0)
    assert len(problem.train.labels) < 40 and problem.embedding.dimensions == 8
    assert problem.size == "xs,per_class=10,encoder=hashed:8"


def test_a_head_needs_something_to_fit_on():
    with pytest.raises(QwattError, match="nothing to fit on"):
        get_task("tuning/head").load("builtin:weather", "xs,per_class=0", 0)
