"""What users of other readers reported; the list with addresses is design/0003-public-reports.md."""

import gzip
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qwatt.core.errors import QwattError
from qwatt.data import read_documents
from qwatt.data.rows import write_jsonl

SEPARATORS = "a\u2028b\x85c\u2029d\x0be\x0cf"


def read(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    return read_documents(tmp_path / name)


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv"])
def test_separators_of_unicode_end_no_row(tmp_path, name):
    row = json.dumps({"text": SEPARATORS}, ensure_ascii=False).replace("\\u000b", "\x0b")
    rows = {"x.jsonl": f'{row}\n{{"text": "e"}}\n', "x.csv": f"text,label\n{SEPARATORS},1\ne,0\n"}
    if name == "x.jsonl":
        rows[name] = rows[name].replace("\x0b", "\\u000b").replace("\x0c", "\\u000c")
    found = read(tmp_path, name, rows[name].encode())
    assert found.texts == [SEPARATORS, "e"]
    write_jsonl(tmp_path / "y.jsonl", found.rows)
    assert read_documents(tmp_path / "y.jsonl").texts == found.texts


def test_a_mark_before_a_quoted_header_is_no_part_of_the_name(tmp_path):
    found = read(tmp_path, "x.csv", b'\xef\xbb\xbf"text","label"\r\n"x y",1\r\n"z w",0\r\n')
    assert (found.texts, found.labels) == (["x y", "z w"], ["1", "0"])


def test_all_members_of_a_gzip_file_are_read(tmp_path):
    members = gzip.compress(b'{"text": "a"}\n') + gzip.compress(b'{"text": "b"}\n')
    assert read(tmp_path, "x.jsonl.gz", members).texts == ["a", "b"]
    assert read(tmp_path, "padded.jsonl.gz", members + b"\0" * 512).texts == ["a", "b"]
    with pytest.raises(QwattError, match=r"the \.gz file is damaged"):
        read(tmp_path, "more.jsonl.gz", members + b"garbage")


def test_delimiters_quotes_and_line_ends_within_quotes_are_text(tmp_path):
    data = b'Type;text\r\nc#;"hi i am not working;\n"" i dont see why """\r\nd;"x;y"\r\n'
    assert read(tmp_path, "x.csv", data).texts == ['hi i am not working;\n" i dont see why "', "x;y"]


def test_a_lone_cr_within_quotes_is_text_and_without_them_its_row_is_counted(tmp_path):
    found = read(tmp_path, "x.csv", b'text,label\n"foo\rbar",1\nbaz,0\n')
    assert found.texts == ["foo\rbar", "baz"]
    found = read(tmp_path, "y.csv", b"text,label\nfoo\rbar,1\nbaz,0\n")
    assert sum(found.report.skipped.values()) == 1


def test_whole_numbers_and_texts_of_digits_stay_exact(tmp_path):
    rows = '{"id": "72057594038135102", "text": "x", "n": 10254939386542155531}\n'
    rows += '{"id": 9007199254740993, "text": "y"}\n'
    found = read(tmp_path, "x.jsonl", rows.encode())
    assert found.ids == ["72057594038135102", "9007199254740993"]
    assert found.rows[0]["n"] == 10254939386542155531


def test_a_number_of_thousands_of_digits_costs_its_row_with_the_reason(tmp_path):
    found = read(tmp_path, "x.jsonl", b'{"text": "a", "n": ' + b"9" * 5000 + b'}\n{"text": "b"}\n')
    assert found.texts == ["b"]
    assert "a number of more digits" in str(found.report)


def test_fields_may_change_their_type_and_be_missing_between_rows_and_files(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "a1", "meta": null}\n{"text": "a2", "meta": []}\n')
    (tmp_path / "b.jsonl").write_text('{"text": "b1", "meta": {"k": 1}, "extra": 3}\n{"text": "b2"}\n')
    found = read_documents(tmp_path)
    assert found.texts == ["a1", "a2", "b1", "b2"]
    assert [row.get("meta") for row in found.rows] == [None, [], {"k": 1}, None]


def test_words_that_other_readers_take_for_missing_are_texts(tmp_path):
    found = read(tmp_path, "x.csv", b"id,text\n007,NA\n7,null\n8,None\n9,nan\n\n10,N/A\n")
    assert found.texts == ["NA", "null", "None", "nan", "N/A"]
    assert found.ids[:2] == ["007", "7"]


@pytest.mark.parametrize("name", [b"\xff.parquet", b"\xff.jsonl", b"\xff.csv"])
def test_names_that_are_not_utf8_are_read(tmp_path, name):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    if name.endswith(b".parquet"):
        pq.write_table(pa.table({"text": ["a", "b"]}), tmp_path / "x.parquet")
        (tmp_path / "x.parquet").rename(path)
    else:
        path.write_text(
            {"jsonl": '{"text": "a"}\n{"text": "b"}\n', "csv": "text,n\na,1\nb,2\n"}[path.suffix[1:]]
        )
    assert read_documents(path).texts == ["a", "b"]
