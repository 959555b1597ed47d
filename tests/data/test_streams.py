import bz2
import gzip
import io
import json
import lzma
import os
import socket
import zipfile

import pyarrow as pa
import pytest

from qwatt.core.errors import QwattError
from qwatt.data import read_documents, text

LINES = "".join(
    json.dumps({"text": f"page {i} of its own", "label": i % 2}) + "\n" for i in range(300)
).encode()
CONTENT = {
    "jsonl": LINES,
    "csv": b"text,label\n" + b"words of a row,1\n" * 500,
    "txt": b"one long document " * 500,
}
CONTENT["tsv"] = CONTENT["csv"].replace(b",", b"\t")


class KeptOpen(io.BytesIO):
    def close(self):
        pass


def zst(data):
    sink = KeptOpen()
    with pa.CompressedOutputStream(pa.PythonFile(sink, mode="w"), "zstd") as stream:
        stream.write(data)
    return sink.getvalue()


PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zst}


def zipped(members):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


@pytest.mark.parametrize("form", CONTENT)
@pytest.mark.parametrize("packing", PACK)
def test_every_form_is_read_through_every_compression(tmp_path, form, packing):
    plain, packed = tmp_path / f"x.{form}", tmp_path / f"x.{form}.{packing.upper()}"
    plain.write_bytes(CONTENT[form])
    packed.write_bytes(PACK[packing](CONTENT[form]))
    assert read_documents(packed).texts == read_documents(plain).texts


DAMAGES = [(packing, damage) for packing in [*PACK, "zip"] for damage in ["truncated", "flipped", "start"]]
DAMAGES.remove(("zst", "flipped"))  # zstd holds no checksum unless asked to


@pytest.mark.parametrize("form", CONTENT)
@pytest.mark.parametrize(("packing", "damage"), DAMAGES)
def test_a_damaged_archive_is_told_with_the_file_in_every_reader(tmp_path, form, packing, damage):
    content = CONTENT[form] + os.urandom(2000).hex().encode()  # so that the middle is within the stream
    data = bytearray(zipped({f"x.{form}": content}) if packing == "zip" else PACK[packing](content))
    if damage == "truncated":
        del data[len(data) // 2 :]
    elif damage == "start":
        data[:4] = b"none"
    else:
        data[len(data) // 2] ^= 0x55
        data[len(data) // 2 + 1] ^= 0xFF
    path = tmp_path / (f"x.{form}.{packing}" if packing != "zip" else "x.zip")
    path.write_bytes(data)
    with pytest.raises(QwattError, match=rf"the \.{packing} file is damaged") as caught:
        read_documents(path)
    assert path.name in str(caught.value)
    assert caught.value.mend


def test_a_zip_is_read_as_a_folder(tmp_path):
    path = tmp_path / "x.zip"
    members = {
        "b.jsonl": LINES,
        "a/a.txt": b"first",
        "c.png": b"x",
        "__MACOSX/b.jsonl": b"x",
        "t.parquet": b"x",
    }
    path.write_bytes(zipped(members))
    read = read_documents(path)
    assert len(read) == 301
    assert read.ids[:2] == ["x.zip/a/a.txt", "x.zip/b.jsonl:1"]
    assert read.report.skipped == {"unknown file type '.png'": 1, "unknown file type '.parquet'": 1}
    path.write_bytes(zipped({"c.png": b"x"}))
    with pytest.raises(QwattError, match="no file of a known type"):
        read_documents(path)


def test_a_wrong_suffix_is_told(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(gzip.compress(LINES))
    with pytest.raises(QwattError, match="gzip") as caught:
        read_documents(path)
    assert ".gz" in caught.value.mend


def test_a_fifo_a_socket_and_a_device_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "fifo.jsonl")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.txt"))
    for name, kind in {"fifo.jsonl": "FIFO", "s.txt": "socket"}.items():
        with pytest.raises(QwattError, match=f"a {kind}, not a regular file"):
            read_documents(tmp_path / name)
    with pytest.raises(QwattError, match="a device"):
        read_documents("/dev/null")
    (tmp_path / "a.txt").write_text("words")
    read = read_documents(tmp_path)
    assert read.texts == ["words"]
    assert sum(read.report.skipped.values()) == 2


def test_a_fifo_in_place_of_the_data_files_of_a_saved_data_set(tmp_path):
    os.mkfifo(tmp_path / "d.arrow")
    (tmp_path / "state.json").write_text('{"_data_files": [{"filename": "d.arrow"}]}')
    with pytest.raises(QwattError, match=r"d\.arrow is missing"):
        read_documents(tmp_path)


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.csv.gz"])
def test_blank_lines_without_end_are_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr(text, "_MOST_BLANK_LINES", 1000)
    (tmp_path / name).write_bytes(gzip.compress(b" \n" * 5000))
    with pytest.raises(QwattError, match=r"1001: more than 1,000 blank lines"):
        read_documents(tmp_path / name)


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.txt.gz"])
def test_one_line_of_blanks_without_end_is_counted(tmp_path, monkeypatch, name):
    from qwatt.data import formats

    monkeypatch.setattr(text, "MAX_DOCUMENT_BYTES", 1000)
    monkeypatch.setattr(formats, "MAX_DOCUMENT_BYTES", 1000)
    (tmp_path / name).write_bytes(gzip.compress(b" " * 50_000))
    with pytest.raises(QwattError, match="1 skipped: longer than"):
        read_documents(tmp_path / name)


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.csv.gz"])
def test_one_line_without_end_is_not_read_to_its_end(tmp_path, monkeypatch, name):
    monkeypatch.setattr(text, "MAX_DOCUMENT_BYTES", 1000)
    monkeypatch.setattr(text, "_LONGEST_LINE", 20_000)
    (tmp_path / name).write_bytes(gzip.compress(b"a" * 50_000))
    with pytest.raises(QwattError, match="a line of more than") as caught:
        read_documents(tmp_path / name)
    assert name in str(caught.value)


@pytest.mark.parametrize(("bound", "most"), [("MOST_CHARACTERS", 3000), ("MOST_FIELDS", 100)])
def test_an_archive_of_rows_without_end_is_refused_with_what_to_do(tmp_path, monkeypatch, bound, most):
    from qwatt.data import documents

    monkeypatch.setattr(documents, bound, most)
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(LINES))
    with pytest.raises(QwattError, match="cannot be held in memory") as caught:
        read_documents(tmp_path / "x.jsonl.gz")
    assert "qwatt dedup" in caught.value.mend


def test_a_member_without_a_name_is_no_file(tmp_path):
    data = bytearray(zipped({"a.txt": b"words of the first", "b.txt": b"words of the second"}))
    place = data.rindex(b"PK\x01\x02")  # the directory's entry of the second file
    data[place + 28 : place + 30] = b"\0\0"
    data[place + 32 : place + 34] = len(b"b.txt").to_bytes(2, "little")  # its name is taken for a comment
    (tmp_path / "x.zip").write_bytes(data)
    assert read_documents(tmp_path / "x.zip").texts == ["words of the first"]


def test_an_archive_of_many_members_is_listed_once(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for n in range(300):
            archive.writestr(f"{n:03}.txt", f"text {n}")
    opened = []
    real = zipfile.ZipFile
    monkeypatch.setattr(zipfile, "ZipFile", lambda file: opened.append(file) or real(file))
    found = read_documents(tmp_path / "x.zip")
    assert found.texts == [f"text {n}" for n in range(300)] and len(opened) == 1
    with real(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.txt", "another text")
    assert read_documents(tmp_path / "x.zip").texts == ["another text"] and len(opened) == 2
