"""Tables of numbers as users have them."""

import json

import numpy as np
import pytest

from qwatt.core.errors import QwattError
from qwatt.data.table import holds_numbers, number, read_table


@pytest.fixture
def write(tmp_path):
    def to(name, text):
        (tmp_path / name).write_text(text, "utf-8")
        return str(tmp_path / name)

    return to


def test_numeric_columns_are_the_data_and_the_rest_is_named(write):
    source = write("a.csv", "id,name,height,weight,label\n7,Ann,1.5,50,x\n8,Bo,1.75,7e1,y\n")
    table = read_table(source)
    assert holds_numbers(source) and table.columns == ("height", "weight") and not table.is_vectors
    assert table.values.tolist() == [[1.5, 50.0], [1.75, 70.0]]
    assert table.ids == ["7", "8"] and table.labels == ["x", "y"]
    assert table.report.notes == ["columns without numbers are left out: name"]


def test_rows_without_a_number_are_counted_not_filled(write):
    lines = ["a,b"] + [f"{i},{i * i}" for i in range(20)] + ["NA,3", "4,", "5,inf"]
    table = read_table(write("a.csv", "\n".join(lines)))
    assert len(table) == 20 and np.isfinite(table.values).all()
    assert dict(table.report.skipped) == {"no number in 'a'": 1, "no number in 'b'": 2}
    assert table.report.places["no number in 'a'"].endswith(":22")


@pytest.mark.parametrize("missing", ["", "nan", "NaN", "NA", "null", "inf"])
def test_a_column_may_miss_many_numbers(write, missing):
    lines = ["a,b"] + [f"{missing if i % 3 else i},{i}" for i in range(30)]
    source = write("a.csv", "\n".join(lines))
    assert holds_numbers(source)
    table = read_table(source)
    assert table.columns == ("a", "b") and table.values[:, 0].tolist() == list(range(0, 30, 3))
    assert dict(table.report.skipped) == {"no number in 'a'": 20}


def test_a_column_of_vectors_is_one_thing(write):
    rows = [{"id": i, "embedding": [i, 0.5, -1], "year": 1990 + i} for i in range(5)]
    rows.append({"id": 9, "embedding": [1, 2], "year": 2000})
    table = read_table(write("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows[:5])))
    assert table.is_vectors and table.columns == ("embedding.0", "embedding.1", "embedding.2")
    assert table.values[2].tolist() == [2.0, 0.5, -1.0]
    ragged = read_table(write("b.jsonl", "".join(json.dumps(row) + "\n" for row in rows)))
    assert len(ragged) == 5
    assert dict(ragged.report.skipped) == {"no vector of 3 numbers in 'embedding'": 1}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("text,a,b\nhello,1,2\n", False),
        ("a,b\n1,2\n", True),
        ("body,score\nhello,1\n", False),
        ("label,a\n1,2\n", False),
    ],
)
def test_texts_and_numbers_are_told_apart(write, text, numbers):
    assert holds_numbers(write("a.csv", text)) is numbers


def test_a_named_label_is_no_data_and_a_named_text_makes_it_texts(write):
    source = write("a.csv", "kind,a,b\n1,2,3\n2,4,5\n")
    assert read_table(f"{source}#,kind").columns == ("a", "b")
    assert read_table(f"{source}#,kind").labels == ["1", "2"]
    assert not holds_numbers(f"{source}#a")
    with pytest.raises(QwattError, match="no column 'sort'"):
        read_table(f"{source}#,sort")


def test_what_cannot_be_used_is_refused(write):
    with pytest.raises(QwattError, match="no column of numbers"):
        read_table(write("a.csv", "a,b\nx,y\n"))
    with pytest.raises(QwattError, match="no column of numbers"):
        read_table(write("b.csv", "a,b\n"))
    with pytest.raises(QwattError, match="no row is left"):
        read_table(write("c.csv", "a,b\n1,\n,2\n"))


@pytest.mark.parametrize("number", ["1e300", "-1e151"])
@pytest.mark.parametrize("form", ["columns", "vectors"])
def test_numbers_whose_squares_overflow_are_refused_with_their_row_and_column(write, number, form):
    if form == "columns":
        source, name = write("a.csv", f"a,b\n1,2\n3,{number}\n1e150,4\n"), "b"
    else:
        source, name = write("a.jsonl", f'{{"v": [1, 2]}}\n{{"v": [{number}, 2]}}\n'), r"v\.0"
    with pytest.raises(
        QwattError, match=rf"the number .* of the column '{name}' is beyond 1e\+150"
    ) as caught:
        read_table(source)
    assert caught.value.where.endswith(":3" if form == "columns" else ":2")


@pytest.mark.parametrize("value", [None, "", "x", "nan", float("inf"), [1.0], b"1", "1e999"])
def test_what_is_no_finite_number(value):
    assert number(value) is None
