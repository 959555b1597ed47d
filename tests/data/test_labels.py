import datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.data.labels import label_names

NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "names", "labels"),
    [
        ([0, 1, 0.0, 1.0], ["0", "1"], [0, 1, 0, 1]),
        ([0, "0", "1.0", 1, "1"], ["0", "1"], [0, 0, 1, 1, 1]),
        (["neg ", "pos", " neg", "pos\t"], ["neg", "pos"], [0, 1, 0, 1]),
        ([True, False, True], ["false", "true"], [1, 0, 1]),
        ([True, 1, 0], ["0", "1"], [1, 1, 0]),
        ([10, 9, "b", "a", 2.5, -1], ["-1", "9", "10", "2.5", "a", "b"], None),
        (["007", "7"], ["7", "007"], [1, 0]),
        (["1.10", "1.1", 1.1], ["1.1", "1.10"], [1, 0, 0]),
        (["e\u0301", "\u00e9"], ["\u00e9"], [0, 0]),
        ([b"yes", "yes"], ["yes"], [0, 0]),
        ([np.int64(3), np.float32(3), np.str_("x")], ["3", "x"], [0, 0, 1]),
        ([Decimal("1.0"), 1, Decimal("2.50"), 2.5], ["1", "2.5"], [0, 0, 1, 1]),
        ([datetime.date(2020, 1, 1)], ["2020-01-01"], [0]),
        (["Pos", "pos"], ["Pos", "pos"], [0, 1]),
        ([2**53 + 1, float(2**53)], ["9007199254740992", "9007199254740993"], [1, 0]),
    ],
)
def test_what_is_equal_is_one_label(values, names, labels):
    found = label_names(values)
    assert found.names == names
    if labels is not None:
        assert found.labels == labels
    assert sum(found.report.counts.values()) == len(values)


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        (None, "null"),
        (NAN, "NaN"),
        ("", "empty"),
        (" \t", "empty"),
        ("nan", "NaN"),
        (np.float64("nan"), "NaN"),
    ],
)
def test_what_is_no_label_is_counted_with_its_first_row(missing, reason):
    found = label_names(["a", missing, "b", missing], ["x:1", "x:2", "x:3", "x:4"])
    assert found.labels == [0, None, 1, None]
    assert found.report.skipped == {reason: 2}
    assert found.report.places == {reason: "x:2"}
    assert f"2 without a label: {reason} (first: x:2)" in str(found.report)


@pytest.mark.parametrize("value", [[0], {"a": 1}, (1, 2), b"\xff", [], {}, "x" * 2000])
def test_what_cannot_be_a_label_is_refused_with_its_row(value):
    with pytest.raises(QwattError, match=r"data\.jsonl, data\.jsonl:2") as caught:
        label_names([0, value], ["data.jsonl:1", "data.jsonl:2"], "data.jsonl")
    assert caught.value.mend
    assert len(str(caught.value)) < 500
    with pytest.raises(QwattError, match="row 2"):
        label_names([0, value])


def test_what_was_merged_and_what_only_looks_alike_is_said():
    assert "one label, 0: '0', '0.0'" in str(label_names([0, 0.0]).report)
    assert "differ in case" in str(label_names(["Pos", "pos"]).report)
    assert "blanks around the label" in str(label_names(["a ", "b"]).report)
    assert label_names(["a", "b"]).report.notes == []


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["0", "1.0", " a "]),
)


@given(st.lists(scalars, max_size=30))
def test_any_scalars_give_every_row_one_class_or_a_count(values):
    names, labels, report = label_names(values)
    assert len(labels) == len(values)
    assert len(set(names)) == len(names)
    assert sum(label is None for label in labels) == sum(report.skipped.values())
    assert {label for label in labels if label is not None} == set(range(len(names)))
    for a, x in zip(values, labels, strict=True):
        for b, y in zip(values, labels, strict=True):
            if x is not None and y is not None and a == b:
                assert x == y
    assert report.to_record()["counts"] == report.counts


def test_half_a_character_is_written_escaped_and_stays_one_label():
    found = label_names(["p\ud800", "n\udfff", "p\ud800", "ü"])
    assert found.names == ["n\\udfff", "p\\ud800", "ü"] and found.labels == [1, 0, 1, 2]
    assert str(found.report).encode("utf-8")
