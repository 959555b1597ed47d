"""Damages small files of every form, reads each, and prints how many were read and refused as JSON.

Run as a program of its own, as a reader that fails this may end the interpreter: `mutants.py COUNT SEED`.
"""

import bz2
import gzip
import io
import json
import lzma
import random
import signal
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from qwatt.core.errors import QwattError
from qwatt.data import read_documents
from qwatt.data.rows import to_json

_TIME_S = 10


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


def _parquet(compression):
    sink = io.BytesIO()
    pq.write_table(_table(), sink, compression=compression)
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
    if not name.endswith(".arrow"):
        (folder / name).write_bytes(data)
        return folder / name
    state = {"_data_files": [{"filename": "data.arrow"}]}
    (folder / "data.arrow").write_bytes(_arrow(_table(), pa.ipc.new_stream))
    if name == "indices.arrow":
        state["_indices_data_files"] = [{"filename": name}]
    (folder / name).write_bytes(data)
    (folder / "state.json").write_text(json.dumps(state))
    return folder


def outcome(name, data):
    """Read one file; every row that comes out must be writable, and every error must name it and be short."""
    with tempfile.TemporaryDirectory() as scratch:
        path = _write(Path(scratch), name, data)
        try:
            read = read_documents(path)
        except QwattError as error:
            message = str(error)
            assert len(message) < 2000, message
            assert str(scratch) in message or name in message, message
            return "refused"
        for row in read.rows:
            json.loads(to_json(row).encode("utf-8"))
        assert len(str(read.report).encode("utf-8")) < 20_000
        return "read"


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    drawn, files = random.Random(seed), whole_files()
    counts = Counter()
    for _ in range(count):
        name, data = drawn.choice(files)
        signal.alarm(_TIME_S)
        counts[outcome(name, damaged(data, drawn))] += 1
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
