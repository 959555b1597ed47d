"""Findings stand before all that their rows held; nothing of a row is lost, and nothing is said twice."""

import json

from hypothesis import given
from hypothesis import strategies as st

from qwatt.data.cells import to_csv
from qwatt.data.own_fields import with_own_fields


def test_the_rows_own_fields_follow():
    found = [{"id": "7", "text": "a", "label": "x"}, {"id": "8", "text": "b", "label": "y"}]
    rows = [{"id": 7, "body": "a", "price": 2.5}, {"id": 8, "body": "b", "price": float("nan")}]
    assert with_own_fields(found, rows) == [
        {"id": "7", "text": "a", "label": "x", "body": "a", "price": 2.5},
        {"id": "8", "text": "b", "label": "y", "body": "b", "price": "NaN"},
    ]


def test_a_label_of_ones_own_stays_beside_the_found_one():
    found = [{"id": "0", "label": "x"}, {"id": "1", "label": "x"}]
    assert with_own_fields(found[:1], [{"id": 0, "label": "x"}]) == [
        {"id": "0", "label": "x", "label.2": "x"}
    ]
    rows = [{"label": "x", "label.2": "kept"}, {"label": "y"}]
    assert with_own_fields(found, rows) == [
        {"id": "0", "label": "x", "label.3": "x", "label.2": "kept"},
        {"id": "1", "label": "x", "label.3": "y"},
    ]


NAMES = st.sampled_from(["id", "label", "label.2", "kind"])
VALUES = st.none() | st.integers() | st.floats() | st.binary(max_size=3) | st.lists(st.integers(), max_size=2)


@given(st.lists(st.dictionaries(NAMES, VALUES), max_size=4))
def test_no_field_is_lost_and_json_takes_all(rows):
    found = [{"id": str(i), "label": "found"} for i in range(len(rows))]
    joined = with_own_fields(found, rows)
    json.dumps(joined, allow_nan=False)
    for i, (whole, row) in enumerate(zip(joined, rows, strict=True)):
        assert (whole["id"], whole["label"]) == (str(i), "found")
        said_already = str(row.get("id")) == str(i)
        assert len(row) - said_already <= len(whole) - 2 <= len(row)


def test_a_column_that_is_named_like_a_formula_is_none():
    text = to_csv(["=1+1", "@x", "-5", "price"], [{"=1+1": "=2", "price": 3}])
    assert text == "'=1+1,'@x,-5,price\n'=2,,,3\n"
