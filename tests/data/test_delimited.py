"""Each case is a fault that users of other tools met: pandas 7160, 22140, steinbock 28, csvw 52."""

import csv
import io
import random

import pytest

from qwatt.core.errors import QwattError
from qwatt.data import read_documents

ROWS = [["text", "label"], ["good, plain words", "1"], ["bad; really | bad", "0"], ['so "so"\ttext', "1"]]
TEXTS = [row[0] for row in ROWS[1:]]


def written(rows, delimiter=",", end="\r\n"):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
    return stream.getvalue()


def read(tmp_path, content, name="x.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return read_documents(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "\x1f"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_delimiter_line_ends_and_encoding_are_found(tmp_path, delimiter, end, encoding):
    found = read(tmp_path, written(ROWS, delimiter, end).encode(encoding))
    assert found.texts == TEXTS
    assert found.labels == ["1", "0", "1"]
    assert not found.report.skipped
    assert any("stands between" in note for note in found.report.notes) == (delimiter != ",")


def test_a_tsv_with_commas_and_a_csv_in_latin_1(tmp_path):
    assert read(tmp_path, written(ROWS, ","), "x.tsv").texts == TEXTS
    found = read(tmp_path, "text,label\ngrün,1\nplain,0\n".encode("latin-1"))
    assert found.texts == ["grün", "plain"]
    assert found.report.encodings == {"cp1252": 1}


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_names_the_delimiter(tmp_path, line):
    found = read(tmp_path, f"{line}\r\n" + written(ROWS, ";"))
    assert found.texts == TEXTS
    assert found.places[0] == "x.csv:3"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_quote_that_is_never_closed_is_an_error_with_its_row(tmp_path, delimiter, end):
    rows = [["label", "text"], *(["0", f"page {i} is about another thing"] for i in range(10))]
    lines = written(rows, delimiter, end).split(end)
    lines[4] = lines[4].replace("page", '"page')
    with pytest.raises(QwattError, match=r"x\.csv:5: a quote opens in this row and is never closed"):
        read(tmp_path, end.join(lines))


@pytest.mark.parametrize(
    "rows",
    ['1,"page 3\n0,"page 4"\n', '1,"page 3\n0,page "4" is\n', '1,"said \\"hi\\" to"\n', '1,"page" 3\n'],
)
def test_a_quote_that_closes_within_a_field_is_an_error_with_its_row(tmp_path, rows):
    with pytest.raises(QwattError, match=r"x\.csv:3: ") as caught:
        read(tmp_path, "label,text\n0,fine\n" + rows + "1,the last\n")
    assert "twice" in caught.value.mend


def test_no_row_is_lost_without_a_count(tmp_path):
    """Of 300 broken files every row is read, counted, or the file is refused with a row's number."""
    drawn = random.Random(20260401)
    outcomes = set()
    for _ in range(300):
        lines = written(
            [["label", "text"], *([str(i % 2), f"page {i}, on its own"] for i in range(8))], ",", "\n"
        )
        broken = list(lines)
        for _ in range(drawn.choice([1, 2, 3])):
            place = drawn.randrange(len("label,text\n"), len(broken))
            broken[place] = drawn.choice(['"', ",", "\n", "x", ";"])
        content = "".join(broken)
        try:
            found = read(tmp_path, content)
        except QwattError as error:
            assert "x.csv:" in str(error) or "no document" in str(error)
            outcomes.add("refused")
            continue
        rows = list(csv.reader(io.StringIO(content, newline=""), strict=True))
        filled = [row for row in rows[1:] if row]
        assert len(found) + sum(found.report.skipped.values()) == len(filled)
        outcomes.add("read")
    assert outcomes == {"refused", "read"}


def test_the_first_of_two_columns_of_one_name_is_used_and_both_are_kept(tmp_path):
    found = read(tmp_path, "text,label,text\nalpha,0,\nbeta,1,other\n")
    assert found.texts == ["alpha", "beta"]
    assert found.rows[1] == {"text": "beta", "label": "1", "text.2": "other"}
    assert "several columns are called text" in str(found.report)


def test_blanks_around_the_names_of_columns_are_left_out_and_said(tmp_path):
    found = read(tmp_path, "text , label\nwords,0\nmore,1\n")
    assert found.labels == ["0", "1"]
    assert "' label'" in str(found.report)


def test_blanks_after_every_delimiter_are_no_part_of_the_cells(tmp_path):
    found = read(tmp_path, 'text, label\n"one, two", "pos"\nthree, neg\n')
    assert found.texts == ["one, two", "three"]
    assert found.labels == ["pos", "neg"]


def test_cells_beyond_the_header_are_counted_unless_they_are_empty(tmp_path):
    found = read(tmp_path, "text,label\nfine,1,,\nshort\ntoo,many,cells\nlast,0\n")
    assert found.texts == ["fine", "last"]
    assert found.report.skipped == {"has another number of cells than the header's 2": 2}
    assert found.report.places.popitem()[1] == "x.csv:3"


def test_a_column_of_free_text_is_not_split(tmp_path):
    assert read(tmp_path, "text\nno comma here\nnone; here\n").texts == ["no comma here", "none; here"]


def test_a_first_row_of_prose_is_no_header(tmp_path):
    with pytest.raises(QwattError, match="does not hold names of columns"):
        read(tmp_path, "word " * 300 + "\nmore\n")


def test_100_000_columns_are_refused_in_a_short_message(tmp_path):
    with pytest.raises(QwattError, match="100,000 columns") as caught:
        read(tmp_path, ",".join(f"column{i}" for i in range(100_000)) + "\n")
    assert len(str(caught.value)) < 1000


def test_the_names_in_messages_are_few_and_short(tmp_path):
    with pytest.raises(QwattError, match="and 4,988 more") as caught:
        read(
            tmp_path, ",".join(f"{'c' * 200}{i}" for i in range(5000)) + "\n" + ",".join(["a"] * 5000) + "\n"
        )
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize("lines", ["x y z\n", "x y z\r", "x,y\n"])
def test_70_mb_after_an_open_quote_are_refused_soon(tmp_path, monkeypatch, lines):
    from qwatt.data import delimited

    monkeypatch.setattr(delimited, "_MOST_LINES", 10_000)
    with pytest.raises(QwattError, match=r"x\.csv:3: a quote opens in this row"):
        read(tmp_path, 'text,label\nfine,1\n"' + lines * 20_000)


def test_half_a_character_of_utf_16_is_refused_with_its_line(tmp_path):
    with pytest.raises(QwattError, match="begins as utf-16"):
        read(tmp_path, written(ROWS).encode("utf-16")[:-1])
