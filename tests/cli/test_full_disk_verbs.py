"""Every verb that writes, on a disk that fills up: a message with a mend, nothing torn, then all of it."""

import json
import os
import shutil
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.nightly
PAGE = 4096
ROOM = (0, 1, 3, 12)
"""Pages that are left."""
SMALL = "--size xs --seeds 2 --tuning-trials 1 --shots 100"
RUN = f"run tuning/head --data builtin:weather --method logistic {SMALL} --out {{disk}}/"
VERBS = {
    "run": f"{RUN}run",
    "report": "report {disk}/whole",
    "csv": "export {disk}/whole --to csv",
    "mlflow": "export {disk}/whole --to mlflow",
    "ai-act": "export {disk}/whole --to ai-act --out {disk}/act.md",
    "project": "project my-model --draws 100 --out {disk}/projected",
    "predict": "predict {disk}/whole --data {place}/new.csv --out {disk}/labels.csv",
    "dedup": "dedup {place}/corpus.jsonl --out {disk}/kept.jsonl",
    "dedup to Parquet": "dedup {place}/corpus.parquet --out {disk}/kept.parquet",
    "watch": "watch {place}/reference.jsonl --window 10 --state {disk}/state",
    "watch-list": "watch-list my-model --state {disk}/list.json",
    "runs": "runs list {disk}/whole",
}


@pytest.fixture
def disk(tmp_path):
    """Mount a disk in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def place(tmp_path):
    """Write what the verbs read."""
    texts = [f"page {i} of the old book of kings and of the winter" for i in range(400)]
    pq.write_table(pa.table({"text": texts * 20}), tmp_path / "corpus.parquet")
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    rows = "".join(json.dumps({"score": i % 7 / 7}) + "\n" for i in range(60))
    (tmp_path / "reference.jsonl").write_text(rows)
    (tmp_path / "stream.jsonl").write_text(rows * 40)
    (tmp_path / "new.csv").write_text("text\n" + "warm rain at noon\n" * 900)
    return tmp_path


def fill(disk, pages):
    """Fill the disk but for some pages."""
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * PAGE):
                pass
        except OSError:
            file.truncate(max(0, file.tell() - pages * PAGE))


def asked(qwatt, line, place):
    """Ask with a stream on standard input."""
    kept, source = os.dup(0), os.open(place / "stream.jsonl", os.O_RDONLY)
    os.dup2(source, 0)
    try:
        return qwatt(line)
    finally:
        os.dup2(kept, 0)
        os.close(source)
        os.close(kept)


def torn(disk):
    """Return what a refused verb may not leave."""
    parts = [file for file in disk.rglob("*") if file.suffix == ".part"]
    lines = [(file, text) for file in disk.rglob("trials.jsonl") for text in file.read_text().splitlines()]
    return [*parts, *(file for file, text in lines if not text.endswith("}"))]


@pytest.mark.parametrize("verb", VERBS)
def test_a_full_disk_is_told(verb, qwatt, disk, place, monkeypatch, record_property) -> None:
    monkeypatch.setenv("QWATT_CACHE", str(disk / "cache"))
    monkeypatch.chdir(place)
    assert qwatt(f"{RUN}whole".format(disk=disk)).code == 0
    (disk / "whole" / "report.html").write_text("before")
    whole = {file: file.read_bytes() for file in (disk / "whole").rglob("*") if file.is_file()}
    line, refused = VERBS[verb].format(disk=disk, place=place), 0
    for pages in ROOM:
        fill(disk, pages)
        ran = asked(qwatt, line, place)
        (disk / "filler").unlink()
        said = f"{verb}, {pages} pages left: {ran}"
        assert ran.code in (0, 2), said
        if ran.code:
            refused += 1
            assert ("No space left" in ran.err or "full" in ran.err) and "make room" in ran.err, said
            assert not torn(disk), f"{said}, {torn(disk)}"
            assert {file: file.read_bytes() for file in whole} == whole, said
            watched = verb == "watch" and (disk / "state" / "checkpoint.json").exists()
            again = asked(qwatt, f"{line} --resume" if watched else line, place)
            assert again.code == 0, f"{said}, then {again}"
        for one in disk.iterdir():
            if one.name not in ("whole", "cache"):
                shutil.rmtree(one) if one.is_dir() else one.unlink()
        for file, content in whole.items():
            file.write_bytes(content)
    record_property("figures", f"{verb}: refused {refused} times of {len(ROOM)} for want of room, then done")
