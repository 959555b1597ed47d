"""Rungs of a ladder, and what a user changes of one."""

import re
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Budget:
    train: int
    rate: float


RECORDS = Ladder(
    {
        "s": {"budget": Budget(64, 0.5), "circuit": {"held": 9, "encoder": "minilm"}, "of": None},
        "m": {"budget": Budget(640, 0.5), "circuit": {"held": None, "encoder": "minilm"}, "of": None},
    }
)


def test_a_field_of_a_record_is_changed_and_its_rung_is_not():
    found = RECORDS["s,budget.train=32,circuit.held=3,circuit.encoder=hashed:8,of=20"]
    assert found == {
        "budget": Budget(32, 0.5),
        "circuit": {"held": 3, "encoder": "hashed:8"},
        "of": 20,
    }
    assert RECORDS["s"]["budget"] == Budget(64, 0.5) and RECORDS["s"]["circuit"]["held"] == 9
    assert RECORDS["m,circuit.held=3"]["circuit"]["held"] == 3


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ("s,budget=3", "unknown parameter of size s 'budget'"),
        ("s,budget.trian=3", "unknown parameter of size s 'budget.trian'"),
        ("s,budget.train=3.5", "budget.train cannot be '3.5'"),
        ("s,budget.rate=high", "budget.rate cannot be 'high'"),
        ("s,circuit.held=-1", "circuit.held cannot be '-1'"),
        ("s,of=some", "of cannot be 'some'"),
        ("s,of.it=3", "unknown parameter of size s 'of.it'"),
        ("s,budget.train=3,budget.train=4", "budget.train is given twice"),
    ],
)
def test_a_change_of_a_field_that_means_nothing_is_refused(size, words):
    with pytest.raises(QwattError, match=re.escape(words)):
        RECORDS[size]


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
