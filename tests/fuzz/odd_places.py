"""Odd archives, bombs, names, links, devices and folders: each writer returns what to read."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
from odd_lines import LINES

DATA = "\n".join(LINES).encode() + b"\n"
_MEGABYTE = 1 << 20
DEVICES = (
    "/dev/zero",
    "/dev/null",
    "/dev/full",
    "/dev/stdin",
    "/proc/self/mem",
    "/proc/kcore",
    "/proc/self/environ",
)
NAMES = (
    "a\nb.jsonl", "\x1b[31mred.jsonl", "\u202egnp.jsonl", "x" * 249 + ".jsonl", "\udcff.jsonl", "$(id).jsonl",
    "[bold].jsonl", "{0}.jsonl", "%s.jsonl", " .jsonl", "a#b.jsonl", "\\.jsonl", "'; rm -rf *.jsonl",
)  # fmt: skip


def _file(name, data):
    def write(folder):
        (folder / name).write_bytes(data() if callable(data) else data)
        return folder / name

    return write


def _zip(members, how=zipfile.ZIP_DEFLATED):
    def write(folder):
        with zipfile.ZipFile(folder / "x.zip", "w", how) as archive:
            for name, data in members:
                archive.writestr(name, data() if callable(data) else data)
        return folder / "x.zip"

    return write


def _gz(block, megabytes):
    def made():
        sink = io.BytesIO()
        with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=1) as stream:
            for _ in range(megabytes):
                stream.write(block * (_MEGABYTE // len(block)))
        return sink.getvalue()

    return made


def _zst(data):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def _nested():
    data, name = DATA, "a.jsonl"
    for depth in range(30):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:
            archive.writestr(name, data)
        data, name = sink.getvalue(), f"{depth}.zip"
    return data


def _changed_zip(place, value):
    def write(folder):
        path = _zip([("a.jsonl", DATA)])(folder)
        data = bytearray(path.read_bytes())
        at = data.rfind(b"PK\1\2") + place
        data[at : at + len(value)] = value
        path.write_bytes(bytes(data))
        return path

    return write


def _tar(folder):
    (folder / "x.jsonl").write_bytes(DATA)
    with tarfile.open(folder / "x.tar.gz", "w:gz") as archive:
        archive.add(folder / "x.jsonl", "x.jsonl")
    return folder / "x.tar.gz"


def _linked(make):
    """Return the writer of a folder with data and what `make` puts beside it."""

    def write(folder):
        within = folder / "f"
        within.mkdir()
        (within / "a.jsonl").write_bytes(DATA)
        make(within)
        return within

    return write


def _loop(folder):
    (folder / "x.jsonl").symlink_to("x.jsonl")
    return folder / "x.jsonl"


def _names(within):
    for name in NAMES:
        (within / name).write_bytes(b'{"text": "one"}\n')


def _deep(folder):
    within = folder
    for _ in range(300):
        within /= "d"
        within.mkdir()
    (within / "a.jsonl").write_bytes(DATA)
    return folder / "d"


def _sparse(name, head=b""):
    def write(folder):
        with (folder / name).open("wb") as stream:
            stream.write(head)
            stream.truncate(20 << 30)
        return folder / name

    return write


def odd_places():
    """Return writers by name."""
    found = {f"the device {place}": lambda folder, place=place: Path(place) for place in DEVICES}
    found |= {f"the name {name!a:.30}": _file(name, DATA) for name in NAMES}
    return found | {
        "gz of gz": _file("x.jsonl.gz", gzip.compress(gzip.compress(DATA))),
        "gz with a tail": _file("x.jsonl.gz", gzip.compress(DATA) + b"tail"),
        "gz, a member a line": _file(
            "x.jsonl.gz", b"".join(gzip.compress(b"%s\n" % s.encode()) for s in LINES)
        ),
        "gz, 50,000 empty members": _file("x.jsonl.gz", gzip.compress(b"") * 50_000 + gzip.compress(DATA)),
        "gz, empty": _file("x.jsonl.gz", b""),
        "gz that is plain": _file("x.jsonl.gz", DATA),
        "plain that is gz": _file("x.jsonl", gzip.compress(DATA)),
        "zip, names that lead out": _zip(
            [(n, DATA) for n in ("../../e.jsonl", "/e.jsonl", "C:\\e.jsonl", "\x1b.jsonl")]
        ),
        "zip, a name of 60,000": _zip([("n" * 60_000 + ".jsonl", DATA)]),
        "zip, 3,000 members": _zip([(f"{n}.txt", b"words %d" % n) for n in range(3_000)]),
        "zip of 30 zips": _file("x.zip", _nested),
        "zip, folders alone": _zip([("a.jsonl/", b""), ("b/", b"")]),
        "zip, LZMA": _zip([("a.jsonl", DATA)], zipfile.ZIP_LZMA),
        "zip, a size that lies": _changed_zip(24, b"\0\0\0\x7f"),
        "zip, an unknown method": _changed_zip(10, b"\x63\0"),
        "zip with a head": _file("x.zip", lambda: b"#!/bin/sh\n" * 100 + _nested()),
        "tar": _tar,
        "a link to itself": _loop,
        "a link to a device": _linked(lambda within: (within / "b.jsonl").symlink_to("/dev/zero")),
        "a link to nothing": _linked(lambda within: (within / "b.jsonl").symlink_to("nowhere")),
        "a link to the folder": _linked(lambda within: (within / "again").symlink_to(within)),
        "a link to the folder above": _linked(lambda within: (within / "up").symlink_to(within.parent)),
        "a FIFO in a folder": _linked(lambda within: os.mkfifo(within / "b.jsonl")),
        "odd names in a folder": _linked(_names),
        "a folder for a file": _linked(lambda within: (within / "b.jsonl").mkdir()),
        "a folder of nothing": lambda folder: folder,
        "folders 300 deep": _deep,
        "20 GB of nothing": _sparse("x.jsonl"),
        "20 GB of nothing, a table": _sparse("x.csv", b"text,label\n"),
        "20 GB of nothing, Parquet": _sparse("x.parquet"),
        "20 GB of nothing, Arrow": _sparse("x.arrow"),
        "20 GB of nothing, zip": _sparse("x.zip"),
    }


def bombs():
    """Return writers, by name, of small files that hold hundreds of megabytes."""

    def parquet(folder):
        import pyarrow.parquet as pq

        nulls = pa.table({"text": pa.nulls(20_000_000, pa.string())})
        pq.write_table(nulls, folder / "x.parquet")
        return folder / "x.parquet"

    def arrow(folder):
        table = pa.table({"text": pa.nulls(2_000_000_000)})
        with pa.ipc.new_file(str(folder / "x.arrow"), table.schema) as file:
            file.write_table(table)
        return folder / "x.arrow"

    return {
        "gz of NULs": _file("x.jsonl.gz", _gz(b"\0", 300)),
        "gz of line ends": _file("x.jsonl.gz", _gz(b"\n", 300)),
        "gz of line ends, a table": _file(
            "x.csv.gz", lambda: gzip.compress(b"text,label\n") + _gz(b"\n", 200)()
        ),
        "gz of brackets": _file("x.jsonl.gz", _gz(b"[", 200)),
        "gz of one word": _file("x.txt.gz", _gz(b"a", 300)),
        "bz2 of NULs": _file("x.jsonl.bz2", lambda: bz2.compress(bytes(100 * _MEGABYTE)) * 3),
        "xz of NULs": _file("x.jsonl.xz", lambda: lzma.compress(bytes(300 * _MEGABYTE), preset=0)),
        "zst of NULs": _file("x.jsonl.zst", lambda: _zst(bytes(300 * _MEGABYTE))),
        "zip of line ends": _zip([(f"{n}.jsonl", lambda: b"\n" * (50 * _MEGABYTE)) for n in range(6)]),
        "zip of words": _zip([(f"{n}.txt", lambda: b"ab " * (8 * _MEGABYTE)) for n in range(8)]),
        "Parquet of 20,000,000 nulls": parquet,
        "Arrow of 2,000,000,000 nulls": arrow,
        "60 MB that are no UTF-8": _file("x.jsonl", lambda: b'{"text": "' + b"\xff" * (60 * _MEGABYTE)),
        "60 MB of brackets": _file("x.jsonl", lambda: b"[" * (60 * _MEGABYTE)),
        "20 MB of commas": _file("x.csv", lambda: b"text,label\n" + b"," * (20 * _MEGABYTE)),
        "20 MB of quotes": _file("x.csv", lambda: b"text,label\n" + b'"' * (20 * _MEGABYTE)),
    }
