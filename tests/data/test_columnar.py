"""Parquet files and saved data sets that other tools met: arrow 41266, 29635, datasets 3040, 5624."""

import datetime
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_documents import write_arrow

from qwatt.core.errors import QwattError
from qwatt.data import read_documents
from qwatt.data.rows import to_json

TEXTS = [f"page {i} speaks about another thing" for i in range(6)]
FAR = 253_402_300_800_000_000  # microseconds: the first of January of the year 10000


def parquet(tmp_path, beside=None, name="x.parquet", **columns):
    table = pa.table({"text": TEXTS} | columns) if beside is None else beside
    pq.write_table(table, tmp_path / name)
    return tmp_path / name


def saved(folder, table, chunk=4, **state):
    folder.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(folder / "data.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=chunk)
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data.arrow"}]} | state))
    return folder


def selected(folder, table, *parts):
    files = []
    for i, part in enumerate(parts):
        indices = pa.table({"indices": pa.array(part, pa.uint64())})
        folder.mkdir(parents=True, exist_ok=True)
        write_arrow(folder / f"indices-{i}.arrow", indices)
        files.append({"filename": f"indices-{i}.arrow"})
    return saved(folder, table, _indices_data_files=files)


def not_utf8(values):
    return pa.array(values, pa.binary()).view(pa.string())


ODD = {
    "far dates": pa.array([FAR] * 6).view(pa.timestamp("us")),
    "far days": pa.array([2**30] * 6, pa.int32()).view(pa.date32()),
    "an unknown zone": pa.array([0] * 6).view(pa.timestamp("us", tz="Mars/Olympus_Mons")),
    "far in an unknown zone": pa.array([FAR] * 6).view(pa.timestamp("us", tz="Mars/Olympus_Mons")),
    "nanoseconds": pa.array([1] * 6).view(pa.timestamp("ns")),
    "long durations": pa.array([2**62] * 6).view(pa.duration("s")),
    "bad UTF-8": not_utf8([b"fine", b"\xff\xfe", b"x", None, b"y", b"\xed\xa0\xbd"]),
    "bad UTF-8 in lists": pa.ListArray.from_arrays(
        pa.array([0, 1, 2, 3, 4, 5, 6], pa.int32()), not_utf8([b"a", b"\xff", b"c", b"d", b"e", b"f"])
    ),
    "far dates in structs": pa.StructArray.from_arrays(
        [pa.array([FAR] * 6).view(pa.timestamp("us"))], ["when"]
    ),
    "bytes": pa.array([b"\x00\xff"] * 6),
    "decimals": pa.array([1] * 6).cast(pa.decimal128(38, 2)),
    "maps": pa.array([[("k", 1)]] * 6, pa.map_(pa.string(), pa.int64())),
    "categories": pa.array(["a", "b"] * 3).dictionary_encode(),
    "times": pa.array([datetime.time(1, 2, 3)] * 6),
    "nothing": pa.nulls(6),
    "NaN": pa.array([float("nan"), float("inf")] * 3),
}


@pytest.mark.parametrize("form", ["parquet", "saved"])
@pytest.mark.parametrize("odd", ODD)
def test_what_stands_in_another_column_costs_no_row_and_can_be_written(tmp_path, form, odd):
    table = pa.table({"text": TEXTS, "other": ODD[odd]})
    path = parquet(tmp_path, table) if form == "parquet" else saved(tmp_path / "d", table)
    read = read_documents(path)
    assert read.texts == TEXTS
    assert not read.report.skipped
    for row in read.rows:
        back = json.loads(to_json(row).encode("utf-8"), parse_constant=pytest.fail)
        assert set(back) == {"text", "other"}
        assert (back["other"] is None) == (row["other"] is None)


def test_dates_that_python_cannot_hold_are_said(tmp_path):
    read = read_documents(parquet(tmp_path, other=ODD["far dates"]))
    assert read.rows[0]["other"] == FAR
    assert "column other (timestamp[us])" in str(read.report)


def test_text_that_is_not_utf8_is_counted(tmp_path):
    table = pa.table({"text": not_utf8([b"fine", b"\xff", "grün".encode(), b"caf\xe9"])})
    for path in (parquet(tmp_path, table), saved(tmp_path / "d", table)):
        read = read_documents(path)
        assert read.texts == ["fine", "grün"]
        assert read.report.skipped == {"not valid UTF-8": 2}


def test_text_in_a_column_of_bytes_is_read(tmp_path):
    read = read_documents(parquet(tmp_path, pa.table({"text": [b"fine", "grün".encode(), b"\xff"]})))
    assert read.texts == ["fine", "grün"]
    assert read.report.skipped == {"not valid UTF-8": 1}


def test_the_first_of_two_columns_of_one_name(tmp_path):
    table = pa.table([pa.array(TEXTS), pa.array(["other"] * 6)], names=["text", "text"])
    for path in (parquet(tmp_path, table), saved(tmp_path / "d", table)):
        read = read_documents(path)
        assert read.texts == TEXTS
        assert read.rows[0]["text.2"] == "other"
        assert "several columns are called text" in str(read.report)


def test_labels_come_as_they_are(tmp_path):
    labels = [0, 1, 0, 1, None, 1]
    assert read_documents(parquet(tmp_path, label=labels)).labels == labels
    assert read_documents(parquet(tmp_path, label=[True, False] * 3)).labels == [True, False] * 3


def test_30_000_columns_are_refused(tmp_path):
    table = pa.table({f"c{i}": ["a"] for i in range(30_000)})
    for path in (parquet(tmp_path, table), saved(tmp_path / "d", table)):
        with pytest.raises(QwattError, match="30,000 columns"):
            read_documents(path)


def test_a_saved_data_set_after_select_has_its_rows_in_the_selected_order(tmp_path):
    table = pa.table({"text": [f"page {i}" for i in range(10)]})
    read = read_documents(selected(tmp_path / "a", table, [7, 1, 4, 9]))
    assert read.texts == ["page 7", "page 1", "page 4", "page 9"]
    assert len(set(read.ids)) == 4
    twice = read_documents(selected(tmp_path / "b", table, [9, 9, 0], [3]))
    assert twice.texts == ["page 9", "page 9", "page 0", "page 3"]


def test_selected_rows_of_text_that_is_not_utf8(tmp_path):
    table = pa.table({"text": not_utf8([b"a", b"\xff", b"c", b"d"])})
    assert read_documents(selected(tmp_path, table, [3, 1, 0])).texts == ["d", "a"]


@pytest.mark.parametrize("indices", [[0, 10], [2**40]])
def test_an_index_beyond_the_data_is_refused(tmp_path, indices):
    with pytest.raises(QwattError, match="none of the 6 rows") as caught:
        read_documents(selected(tmp_path / "folder", pa.table({"text": TEXTS}), indices))
    assert "folder" in str(caught.value)


@pytest.mark.parametrize(
    "state",
    [
        '{"_data_files": 3}',
        '{"_data_files": [3]}',
        '{"_data_files": [{"filename": "../x"}]}',
        '{"_data_files": [{"filename": null}]}',
        '{"_data_files": [{"filename": "data.arrow"}], "_indices_data_files": [{}]}',
        "[]",
        "[" * 100_000,
        "\xff",
    ],
)
def test_a_damaged_state_is_refused_with_the_folders_name(tmp_path, state):
    folder = saved(tmp_path / "folder", pa.table({"text": TEXTS}))
    (folder / "state.json").write_text(state, "latin-1")
    with pytest.raises(QwattError, match="folder"):
        read_documents(folder)


def test_offsets_that_lead_outside_are_refused_with_the_folders_name(tmp_path):
    folder = saved(tmp_path / "folder", pa.table({"text": TEXTS}), chunk=100)
    data = (folder / "data.arrow").read_bytes()
    length = len(TEXTS[0])
    offsets = b"".join((length * i).to_bytes(4, "little") for i in range(4))
    assert data.count(offsets) == 1
    (folder / "data.arrow").write_bytes(
        data.replace(offsets, offsets[:4] + (1 << 30).to_bytes(4, "little") + offsets[8:])
    )
    with pytest.raises(QwattError, match="folder: not a whole Arrow file"):
        read_documents(folder)


@pytest.mark.parametrize("name", ["x.feather", "x.arrow", "in/x.arrow"])
@pytest.mark.parametrize("new", [pa.ipc.new_file, pa.ipc.new_stream])
def test_arrow_and_feather_files_are_read_alone_and_in_folders(tmp_path, name, new):
    (tmp_path / "in").mkdir()
    table = pa.table({"text": TEXTS, "label": range(6)})
    with pa.OSFile(str(tmp_path / name), "wb") as sink, new(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=4)
    read = read_documents(tmp_path / name.split("/")[0])
    assert (read.texts, read.labels) == (TEXTS, [0, 1, 2, 3, 4, 5])
    assert read.places[5] == f"{name.rpartition('/')[2]}:6"
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-300])
    with pytest.raises(QwattError, match="not a whole Arrow file"):
        read_documents(tmp_path / name)


def test_a_small_file_of_long_texts_is_read_a_few_rows_at_a_time(tmp_path, monkeypatch):
    from qwatt.data import columnar

    monkeypatch.setattr(columnar, "_BATCH_BYTES", 1 << 20)
    sizes = []
    check = columnar.check

    def measured(batch, *rest):
        sizes.append(batch.nbytes)
        return check(batch, *rest)

    monkeypatch.setattr(columnar, "check", measured)
    path = parquet(tmp_path, pa.table({"text": ["word " * 20_000] * 3000}))
    assert path.stat().st_size < 1 << 20
    assert len(read_documents(path)) == 3000
    assert max(sizes) < 2 << 20
