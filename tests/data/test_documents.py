import gzip
import json
import time
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.data import documents, fields, iter_documents, read_documents, text
from qwatt.data.text import decode, looks_binary

TEXTS = ["Das Haus ist grün.", "second text", 'third, with "quotes" and a comma']


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def write_arrow(path, table):
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


def write_datasets_folder(folder, table):
    folder.mkdir(parents=True)
    write_arrow(folder / "data-00000-of-00001.arrow", table)
    (folder / "state.json").write_text(
        json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]})
    )
    (folder / "dataset_info.json").write_text("{}")


def written(kind, folder):
    """Write TEXTS with labels in one of the supported forms and return the path."""
    rows = [{"text": t, "label": i % 2} for i, t in enumerate(TEXTS)]
    table = pa.Table.from_pylist(rows)
    path = folder / f"corpus.{kind}"
    if kind == "jsonl":
        write_jsonl(path, rows)
    elif kind == "jsonl.gz":
        path.write_bytes(gzip.compress("".join(json.dumps(r) + "\n" for r in rows).encode()))
    elif kind == "parquet":
        pq.write_table(table, path)
    elif kind in ("csv", "tsv"):
        import csv

        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file, delimiter="," if kind == "csv" else "\t")
            writer.writerows([["text", "label"], *([r["text"], r["label"]] for r in rows)])
    elif kind == "datasets":
        write_datasets_folder(path, table)
    else:
        write_datasets_folder(path / "train", table)
        write_datasets_folder(path / "test", table.slice(0, 1))
        (path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    return path


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "parquet", "csv", "tsv", "datasets", "splits"])
def test_every_form_gives_the_same_documents(kind, tmp_path):
    read = read_documents(written(kind, tmp_path))
    assert read.texts == TEXTS
    assert read.labels == (["0", "1", "0"] if kind in ("csv", "tsv") else [0, 1, 0])
    assert len(set(read.ids)) == 3
    assert not read.report.skipped


def test_a_folder_of_mixed_files_is_read_in_order_of_their_names(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.txt").write_text("of b")
    (tmp_path / "sub" / "c.jsonl").write_text('{"text": "of c"}\n')
    (tmp_path / "a.txt").write_text("of a")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / ".hidden.txt").write_text("no")
    read = read_documents(tmp_path)
    assert read.texts == ["of a", "of b", "of c"]
    assert read.ids == ["a.txt", "b.txt", "sub/c.jsonl:1"]
    assert read.report.skipped == {"unknown file type '.png'": 1}


def test_bad_rows_are_counted_with_their_first_place(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"text": "good", "id": 7}\n{"text": null}\n{"text": "  "}\n{"text": 5}\n[1]\n'
        b"not json\n\n"
        b'{"other": 1}\n{"text": "lone \\ud800"}\n{"text": "caf\xe9", "id": 7}\n'
    )
    read = read_documents(path)
    assert read.texts == ["good", "café"]
    assert read.ids == ["7", "x.jsonl:10"]
    assert read.report.skipped == {
        "null": 1,
        "empty": 1,
        "not text but int": 1,
        "JSON, but not an object": 1,
        "not JSON": 1,
        "no field 'text'": 1,
        "not valid Unicode (a lone surrogate)": 1,
    }
    assert read.report.places["empty"] == "x.jsonl:3"
    assert read.report.encodings == {"cp1252": 1}
    assert "1 skipped: null (first: x.jsonl:2)" in str(read.report)
    assert json.dumps(read.report.to_record())


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("empty.txt", b"", "no document is left.*empty"),
        ("empty.jsonl", b"", "no document is left"),
        ("empty.csv", b"", "no document is left"),
        ("head.csv", b"text,label\n", "no document is left"),
        ("junk.jsonl", bytes(range(256)) * 8, "binary"),
        ("junk.txt", bytes(range(256)) * 8, "no document is left.*binary"),
        ("junk.csv", bytes(range(256)) * 8, "binary"),
        ("wide.jsonl", '{"text": "x"}'.encode("utf-16"), "UTF-16"),
        ("prose.jsonl", b"just prose\nmore\n", "no line is a JSON object"),
        ("fields.jsonl", b'{"title": "a", "body": "b"}\n', "the fields that hold text are: title, body"),
        ("tickets.csv", b"ticket,message\n17,I cannot log in\n", "ticket, message\n  mend: name .*#message"),
        ("nulls.jsonl", b'{"text": null}\n' * 3, "3 skipped: null"),
        ("bad.parquet", b"PAR1 no", "not a whole Parquet file"),
        ("bad.jsonl.gz", b"not gzip", r"\.gz file is damaged"),
        ("x.docx", b"x", "known types"),
        ("noname", b"x", "known types"),
    ],
)
def test_what_cannot_be_used_is_a_clear_error(tmp_path, name, content, what):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(QwattError, match=what) as caught:
        read_documents(tmp_path / name)
    assert caught.value.mend or name.startswith("bad")
    assert name in str(caught.value)


def test_a_missing_path_and_an_empty_folder(tmp_path):
    with pytest.raises(QwattError, match="no such file"):
        read_documents(tmp_path / "nothing.txt")
    with pytest.raises(QwattError, match="no file of a known type"):
        read_documents(tmp_path)


def test_a_parquet_file_without_rows(tmp_path):
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "x.parquet")
    with pytest.raises(QwattError, match="no document is left"):
        read_documents(tmp_path / "x.parquet")


def test_splits_without_train_are_listed(tmp_path):
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["dev", "test"]}')
    with pytest.raises(QwattError, match="dev, test"):
        read_documents(tmp_path)


def test_a_datasets_folder_with_a_missing_file(tmp_path):
    path = written("datasets", tmp_path)
    (path / "data-00000-of-00001.arrow").unlink()
    with pytest.raises(QwattError, match="is missing"):
        read_documents(path)


def test_the_text_field_is_named_after_the_path_or_is_the_only_one(tmp_path):
    path = write_jsonl(tmp_path / "x.jsonl", [{"title": "a", "body": "b"}])
    assert read_documents(f"{path}#body").texts == ["b"]
    assert read_documents(path, field="title").texts == ["a"]
    only = write_jsonl(tmp_path / "y.jsonl", [{"id": "k", "content": "c", "score": 2}])
    assert read_documents(only).texts == ["c"]
    with pytest.raises(QwattError, match="1 skipped: no field 'titel'"):
        read_documents(f"{path}#titel")


def test_rows_keep_all_their_fields(tmp_path):
    path = write_jsonl(tmp_path / "x.jsonl", [{"text": "a", "url": "u", "n": [1, 2]}])
    [document] = iter_documents(path)
    assert document.row == {"text": "a", "url": "u", "n": [1, 2]}


def test_limit_stops_early(tmp_path):
    path = write_jsonl(tmp_path / "x.jsonl", [{"text": f"t{i}"} for i in range(50)])
    assert len(read_documents(path, limit=5)) == 5


def test_an_endless_line_is_skipped_without_being_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(text, "MAX_DOCUMENT_BYTES", 1000)
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "' + "a" * 5000 + '"}\n{"text": "short"}\n')
    read = read_documents(path)
    assert read.texts == ["short"]
    assert list(read.report.places.values()) == ["x.jsonl:1"]
    (tmp_path / "x.csv").write_text("text\n" + "a" * 5000 + "\n")
    with pytest.raises(QwattError, match=r"x\.csv:2"):
        read_documents(tmp_path / "x.csv")


@pytest.mark.nightly
def test_one_line_of_200_mb_stays_under_a_bound_of_memory(tmp_path):
    import tracemalloc

    path = tmp_path / "x.jsonl"
    with path.open("w") as file:
        file.write('{"text": "')
        for _ in range(200):
            file.write("a" * (1 << 20))
        file.write('"}\n{"text": "short"}\n')
    tracemalloc.start()
    read = read_documents(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read.texts == ["short"]
    assert peak < 300 << 20


def test_csv_rows_with_other_cells_are_counted_and_open_quotes_do_not_hang(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('text,label\nfine,1\ntoo,many,cells\n"over\ntwo lines",0\n')
    read = read_documents(path)
    assert read.texts == ["fine", "over\ntwo lines"]
    assert sum(read.report.skipped.values()) == 1


def test_encodings_are_found_and_reported(tmp_path):
    for name, encoding in {"a": "utf-8", "b": "utf-8-sig", "c": "utf-16", "d": "latin-1"}.items():
        (tmp_path / f"{name}.txt").write_bytes("Grüße aus München".encode(encoding))
    read = read_documents(tmp_path)
    assert read.texts == ["Grüße aus München"] * 4
    assert read.report.encodings == {"utf-16": 1, "cp1252": 1}


def test_one_bad_byte_costs_one_character_not_all_others(tmp_path):
    (tmp_path / "x.jsonl").write_bytes('{"text": "Привет, мир '.encode() + b'\x80"}\n')
    read = read_documents(tmp_path / "x.jsonl")
    assert read.texts == ["Привет, мир €"]
    assert read.report.encodings == {"cp1252": 1}


def test_the_field_that_was_chosen_for_the_text_is_said(tmp_path):
    path = write_jsonl(tmp_path / "x.jsonl", [{"id": 1, "body": None}, {"id": 2, "body": "words"}])
    read = read_documents(path)
    assert read.texts == ["words"]
    assert "the text is read from the field body" in str(read.report)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
@settings(max_examples=60, deadline=None)
def test_utf8_text_is_never_taken_for_binary_and_survives(value):
    data = value.encode("utf-8")
    assert not looks_binary(data)
    if not value.startswith("\ufeff") and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        assert decode(data) == (value, "utf-8")


@given(st.binary(min_size=1, max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_bytes_decode_without_an_error(data):
    decoded, encoding = decode(data)
    assert isinstance(decoded, str)
    assert encoding in ("utf-8", "utf-16", "cp1252", "latin-1")


@given(data=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_file_gives_documents_or_a_qwatt_error(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("fuzz")
    for suffix in ("txt", "jsonl", "csv", "parquet"):
        path = folder / f"x.{suffix}"
        path.write_bytes(data)
        try:
            assert len(read_documents(path)) >= 1
        except QwattError as error:
            assert f"x.{suffix}" in str(error)


def test_twenty_megabytes_of_what_is_no_utf8_are_decoded_in_no_time():
    started = time.process_time()
    for data in (b'{"text":"' + b"\xff" * 20_000_000, b"\xc3\xa9" * 10_000_000 + b"\xff"):
        decode(data)
    assert time.process_time() - started < 5


def test_a_source_whose_many_rows_hold_no_text_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(fields, "_PATIENCE_ALL_ROWS", 50)
    pq.write_table(pa.table({"text": pa.nulls(10_000, pa.string())}), tmp_path / "x.parquet")
    with pytest.raises(QwattError, match="50 skipped: null"):
        read_documents(tmp_path / "x.parquet")
    pq.write_table(pa.table({"text": ["a text", *[None] * 100, "last"]}), tmp_path / "x.parquet")
    assert read_documents(tmp_path / "x.parquet").texts == ["a text", "last"]


def test_each_line_of_a_log_is_a_document_and_a_folders_logs_are_none(tmp_path):
    (tmp_path / "app.log").write_bytes(b"09:00 started\r\n\n09:01 caf\xe9 closed\n")
    found = read_documents(tmp_path / "app.log")
    assert found.texts == ["09:00 started", "09:01 caf\u00e9 closed"]
    assert found.ids == ["app.log:1", "app.log:3"]
    (tmp_path / "one.txt").write_text("a document", "utf-8")
    assert read_documents(tmp_path).texts == ["a document"]


def test_documents_of_one_name_are_told_apart_in_linear_time(tmp_path):
    rows = [{"text": "a", "id": "x.jsonl:3"}, {"text": "b", "id": "x.jsonl:3'"}, {"text": "c"}]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_documents(tmp_path / "x.jsonl").ids == ["x.jsonl:3", "x.jsonl:3'", "x.jsonl:3'2"]
    started, seen, again = time.process_time(), {"x"}, Counter()
    for _ in range(20_000):
        seen.add(documents._another("x", seen, again))
    assert len(seen) == 20_001 and time.process_time() - started < 2
