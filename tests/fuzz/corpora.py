"""Corpora of every form, odd in their content or damaged in their bytes."""

import bz2
import csv
import gzip
import io
import json
import lzma
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from junk import LABELS, TEXTS

sys.path.insert(0, str(Path(__file__).parent.parent / "data"))
from mutants import _write, damaged, whole_files

NAMES = [
    "own",
    "c#sharp",
    "näme 💥",
    "[x]",
    "-dash",
    "a b",
    "~",
    "\udcff",
    "x" * 100,
    "train-00000-of-00001",
    "%d",
]
PACKINGS = [("", bytes), (".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
WHOLE = whole_files()
WORDS = ["old", "warm", "sour", "plain", "über", "世界"]


def write_corpus(folder, drawn):
    """Write one corpus into the folder and return its path."""
    if drawn.random() < 0.25:
        name, data = drawn.choice(WHOLE)
        return str(_write(folder, name, damaged(data, drawn)))
    rows = _rows(drawn)
    form = drawn.choices(list(FORMS), [6, 1, 1, 5, 3, 5, 1, 2])[0]
    name = drawn.choice(NAMES)
    if form == "folder":
        return _write_folder(folder / name, rows, drawn)
    data = FORMS[form](rows, drawn)
    suffix, pack = drawn.choice(PACKINGS if drawn.random() < 0.3 else PACKINGS[:1])
    data = pack(data)
    if drawn.random() < 0.1:
        data = damaged(data, drawn) if data else data
    path = folder / f"{name}.{form}{suffix}"
    path.write_bytes(data)
    return str(path)


def _rows(drawn):
    """Return rows of mostly plain texts with odd ones and odd fields among them."""
    odd = drawn.choice([0.0, 0.02, 0.02, 0.1, 0.1, 0.5])
    labels = drawn.choice([[0, 1], ["yes", "no"], ["a", "b", "c"], LABELS])
    rows = []
    for i in range(drawn.choice([0, 1, 30, 90, 150, 150, 220])):
        text = (
            drawn.choice(TEXTS)
            if drawn.random() < odd
            else f"{drawn.choice(WORDS)} page {drawn.randrange(99)} of the {i % 7} book, line {i // 2}"
        )
        row = {"text": text, "label": drawn.choice(labels)}
        if drawn.random() < odd / 3:
            row[drawn.choice(["id", "text", "label", "", "💥", "a" * 300, "\ud800"])] = drawn.choice(LABELS)
        if drawn.random() < odd / 9:
            row.pop(drawn.choice(list(row)))
        rows.append(row)
    return rows


def _jsonl(rows, drawn):
    ascii_only = drawn.random() < 0.5
    lines = [json.dumps(row, ensure_ascii=ascii_only, default=str) for row in rows]
    if drawn.random() < 0.2:
        lines.insert(
            drawn.randrange(len(lines) + 1),
            drawn.choice(["", "[]", "null", "{", "[" * 9000, '"x"', "\x00", "{}"]),
        )
    end = drawn.choice(["\n", "\n", "\r\n", "\n\n"])
    return end.join(lines).encode("utf-8", "surrogatepass")


def _delimited(rows, drawn, delimiter=","):
    sink = io.StringIO()
    writer = csv.writer(
        sink,
        delimiter=delimiter,
        quoting=drawn.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        lineterminator=drawn.choice(["\n", "\r\n", "\r"]),
    )
    names = list(dict.fromkeys(name for row in rows for name in row))
    drawn.shuffle(names)
    if drawn.random() < 0.9:
        writer.writerow(names)
    for row in rows:
        writer.writerow([row.get(name, "") for name in names][: None if drawn.random() < 0.97 else 1])
    encoding = drawn.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"])
    text = sink.getvalue() if drawn.random() < 0.9 else sink.getvalue().replace('"', "", 1)
    return text.encode(encoding, "replace" if "8" not in encoding else "surrogatepass")


def _parquet(rows, drawn):
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["text"]
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        columns[_plain(name)] = _array(values, drawn)
    if drawn.random() < 0.1:
        columns["day"] = pa.array([drawn.choice([0, 2**31 - 1, -(2**31)]) for _ in rows], pa.date32())
    sink, compression = io.BytesIO(), drawn.choice(["snappy", "zstd", "none"])
    try:
        pq.write_table(pa.table(columns), sink, compression=compression)
    except pa.ArrowNotImplementedError:  # a struct without fields
        pq.write_table(pa.table({"text": ["the only one"]}), sink, compression=compression)
    return sink.getvalue()


def _array(values, drawn):
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        texts = [None if value is None else _plain(str(value)) for value in values]
        kind = drawn.choice([pa.string(), pa.large_string(), pa.binary()])
        return pa.array([t.encode() if t is not None and kind == pa.binary() else t for t in texts], kind)


def _plain(text):
    return text.encode("utf-8", "replace").decode()


def _json(rows, drawn):
    return json.dumps(rows if drawn.random() < 0.7 else {"rows": rows}, default=str).encode()


def _txt(rows, drawn):
    return "\n".join(str(row.get("text")) for row in rows).encode(
        drawn.choice(["utf-8", "utf-16"]), "surrogatepass"
    )


def _write_folder(folder, rows, drawn):
    folder.mkdir(parents=True)
    for i, row in enumerate(rows):
        name = drawn.choice([f"{i}.txt", f"{i}.md", f"sub{i % 3}/{i}.txt", f"{i}", f".{i}", f"\udcff{i}.txt"])
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(str(row.get("text")), "utf-8", "surrogatepass")
    return str(folder)


FORMS = {
    "jsonl": _jsonl,
    "ndjson": _jsonl,
    "json": _json,
    "csv": _delimited,
    "tsv": lambda rows, drawn: _delimited(rows, drawn, "\t"),
    "parquet": _parquet,
    "txt": _txt,
    "folder": None,
}
