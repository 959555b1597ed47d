"""JSON documents are those of Python's own encoder, only sooner."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.json_text import json_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_it_is_what_python_writes(value):
    assert json_text(value) == json.dumps(value, indent=2) + "\n"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_it_refuses_what_json_has_no_word_for(number):
    with pytest.raises(ValueError):
        json_text([number])


def test_half_a_character_is_escaped_and_whole_ones_stay() -> None:
    value = {"a\ud800": ["x\udfff", "é😀", 1, None], "plain": "\\ud800"}
    assert json.loads(json_text(value)) == {"a\\ud800": ["x\\udfff", "é😀", 1, None], "plain": "\\ud800"}
