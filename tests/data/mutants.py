"""Small whole files of every form, and how to damage them."""

import bz2
import gzip
import io
import json
import lzma
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq

_STATE = {"_data_files": [{"filename": "data.arrow"}]}


def _table(rows=40):
    return pa.table(
        {
            "id": [f"d{i}" for i in range(rows)],
            "text": [f"some words {i} " * 5 for i in range(rows)],
            "n": list(range(rows)),
            "tags": [["a", "b"] * (i % 3) for i in range(rows)],
            "struct": [{"a": i, "b": "x" * i} for i in range(rows)],
            "category": pa.array(["u", "v"] * (rows // 2)).dictionary_encode(),
            "time": pa.array(list(range(rows))).view(pa.timestamp("us")),
            "bytes": [b"\0"] * rows,
            "map": pa.array([[("k", 1)]] * rows, pa.map_(pa.string(), pa.int64())),
            "large": pa.array(["q"] * rows, pa.large_string()),
        }
    )


def _arrow(table, new, compression=None):
    sink = io.BytesIO()
    with new(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table, max_chunksize=15)
    return sink.getvalue()


def _zst(data):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def _parquet(compression, rows=None):
    sink = io.BytesIO()
    pq.write_table(_table(), sink, compression=compression, row_group_size=rows)
    return sink.getvalue()


def _zip(members):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


def whole_files():
    """Return names and contents of small whole files; those in .arrow belong into folders."""
    csv = b'text,label,id\n"a ""quoted"" thing, yes",0,1\nplain \xc3\xbc words,1,2\n"two\nlines",0,3\n' * 4
    rows = [{"text": f"page {i} \u00fc", "label": i % 2, "tags": ["a", {"b": 1.5}]} for i in range(20)]
    lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    stream, file = pa.ipc.new_stream, pa.ipc.new_file
    return [
        ("data.arrow", _arrow(_table(), stream)),
        ("data.arrow", _arrow(_table(), stream, "lz4")),
        ("data.arrow", _arrow(_table(), file)),
        ("data.arrow", _arrow(_table(), file, "zstd")),
        ("indices.arrow", _arrow(pa.table({"indices": pa.array([7, 1, 4, 9], pa.uint64())}), stream)),
        ("x.parquet", _parquet("snappy")),
        ("x.parquet", _parquet("none")),
        ("x.parquet", _parquet("zstd", 7)),
        ("x.feather", _arrow(_table(), file, "lz4")),
        ("x.arrow", _arrow(_table(), stream, "zstd")),
        ("state.json", json.dumps(_STATE).encode()),
        ("x.jsonl.zst", _zst(lines)),
        ("x.csv.gz", gzip.compress(csv)),
        ("x.csv", csv),
        ("x.tsv", csv.decode().replace(",", "\t").encode("utf-16")),
        ("x.jsonl", lines),
        ("x.jsonl.gz", gzip.compress(lines)),
        ("x.csv.bz2", bz2.compress(csv)),
        ("x.jsonl.xz", lzma.compress(lines)),
        ("x.zip", _zip({"a.csv": csv, "b.jsonl": lines})),
        ("x.txt", "Grüße ".encode() * 50),
    ]


def damaged(data, drawn):
    """Return a file cut off, or with a few bytes changed or taken out."""
    if drawn.random() < 0.15:
        return data[: drawn.randrange(len(data))]
    result = bytearray(data)
    for _ in range(drawn.choice([1, 1, 2, 4, 16])):
        if not result:
            break
        place = drawn.randrange(len(result))
        kind = drawn.random()
        if kind < 0.6:
            result[place] = drawn.randrange(256)
        elif kind < 0.8:
            result[place : place + 4] = drawn.choice(
                [b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\xff" * 4, b"\0" * 4]
            )
        else:
            del result[place : place + drawn.randrange(1, 9)]
    return bytes(result)


def _write(folder, name, data):
    """Write a file, or the folder around an Arrow file, and return what to read."""
    if name not in ("data.arrow", "indices.arrow", "state.json"):
        (folder / name).write_bytes(data)
        return folder / name
    state = _STATE.copy()
    (folder / "data.arrow").write_bytes(_arrow(_table(), pa.ipc.new_stream))
    if name == "indices.arrow":
        state["_indices_data_files"] = [{"filename": name}]
    (folder / "state.json").write_text(json.dumps(state))
    (folder / name).write_bytes(data)
    return folder
