import base64
import datetime
import json
import math
import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.data import read_documents
from qwatt.data.rows import to_json, write_jsonl


def strict(text):
    """Read JSON as a strict reader does: no NaN, and UTF-8 without surrogates."""
    return json.loads(text.encode("utf-8").decode("utf-8"), parse_constant=pytest.fail)


texts = st.text(st.characters()).filter(lambda text: not re.search("[\ud800-\udbff][\udc00-\udfff]", text))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


def expected(value):
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, list):
        return [expected(item) for item in value]
    if isinstance(value, dict):
        return {key: expected(item) for key, item in value.items()}
    return value


@given(values)
def test_any_value_is_one_line_of_valid_json_that_reads_back(value):
    text = to_json(value)
    assert len(text.splitlines()) == 1
    assert strict(text) == expected(value)


def test_numbers_that_json_lacks_can_be_read_back():
    back = strict(
        to_json({"a": float("nan"), "b": [float("-inf")], "c": np.float64("inf"), "d": np.arange(2)})
    )
    assert math.isnan(float(back["a"]))
    assert float(back["b"][0]) == -math.inf
    assert float(back["c"]) == math.inf
    assert back["d"] == [0, 1]


def test_surrogates_controls_and_line_separators_are_escaped():
    text = to_json({"id": "\ud83d", "title": "bell\x07 del\x7f csi\x9b sep\u2028"})
    assert text == '{"id": "\\ud83d", "title": "bell\\u0007 del\\u007f csi\\u009b sep\\u2028"}'


def test_times_and_decimals_are_text():
    when = datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    assert strict(to_json([when, when.date(), when.time(), Decimal("1.50")])) == [
        "2020-01-02T03:04:05+00:00",
        "2020-01-02",
        "03:04:05",
        "1.50",
    ]


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "x.jsonl"
    assert write_jsonl(path, iter([{"text": "a"}, {"text": "grün"}])) == 2
    assert path.read_text("utf-8") == '{"text": "a"}\n{"text": "grün"}\n'
    deep = current = []
    for _ in range(100_000):
        current.append([])
        current = current[0]
    with pytest.raises(QwattError, match=r"x\.jsonl:2: .*too deep"):
        write_jsonl(path, [{"text": "new"}, {"text": "b", "deep": deep}])
    assert path.read_text("utf-8").startswith('{"text": "a"}')
    assert [f.name for f in tmp_path.iterdir()] == ["x.jsonl"]
    with pytest.raises(QwattError, match="cannot be written") as caught:
        write_jsonl(tmp_path / "none" / "x.jsonl", [])
    assert caught.value.mend


def test_rows_of_a_users_file_survive_to_the_export(tmp_path):
    lines = [
        '{"text": "a", "id": "cut \\ud83d", "score": NaN, "esc": "\\u001b[31m"}',
        '{"text": "b", "score": -Infinity, "text": "later"}',
        '{"text": "c", "deep": ' + "[" * 90 + "]" * 90 + "}",
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(lines))
    read = read_documents(tmp_path / "x.jsonl")
    assert read.texts == ["a", "b", "c"]
    write_jsonl(tmp_path / "y.jsonl", read.rows)
    back = [strict(line) for line in (tmp_path / "y.jsonl").read_text("utf-8").splitlines()]
    assert back[0] == {"text": "a", "id": "cut \ud83d", "score": "NaN", "esc": "\x1b[31m"}
    assert back[1] == {"text": "b", "score": "-Infinity", "text.2": "later"}
    assert read_documents(tmp_path / "y.jsonl").texts == read.texts


def test_json_of_too_many_levels_or_fields_is_counted(tmp_path):
    path = tmp_path / "x.jsonl"
    wide = json.dumps({f"f{i}": 0 for i in range(20_000)})
    path.write_text("[" * 100_000 + '\n{"text": "a", "brackets": "' + "[" * 200 + f'"}}\n{wide}\n')
    read = read_documents(path)
    assert read.texts == ["a"]
    assert read.report.skipped == {"JSON of more than 100 levels": 1, "more than 16,384 fields": 1}
