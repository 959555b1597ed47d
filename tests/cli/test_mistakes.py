"""What a newcomer does wrong: exit code 2, no traceback, and a message that names the place and the mend."""

import csv
import random

import pytest

STUDY = '\n\n[[tasks]]\ntask = "tuning/head"\nsource = "builtin:weather"\nsize = "xs"\n'
SMALL = "--size xs --out run"
WEATHER = f"{SMALL} --data builtin:weather"


def rows(path, labels, header=("text", "label")):
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows((f"sentence number {i}", labels[i % len(labels)]) for i in range(90))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with files that cannot be used."""
    monkeypatch.chdir(tmp_path)
    junk = random.Random(3).randbytes(4000)
    for name in ("junk.csv", "junk.jsonl", "junk.parquet", "junk.bin"):
        (tmp_path / name).write_bytes(junk)
    for name in ("empty.csv", "empty.jsonl", "empty.txt"):
        (tmp_path / name).touch()
    (tmp_path / "nothing-inside").mkdir()
    (tmp_path / "array.json").write_text('[{"text": "one"}]')
    rows(tmp_path / "one-class.csv", ["only"])
    rows(tmp_path / "three.csv", ["a", "b", "c"])
    rows(tmp_path / "unlabelled.csv", ["a", "b"], ("text", "mark"))
    rows(tmp_path / "good.csv", ["a", "b"])
    (tmp_path / "fields.jsonl").write_text('{"title": "a", "body": "b", "label": "x"}\n' * 3)
    (tmp_path / "sorce.toml").write_text("seeds = 2" + STUDY.replace("source", "sorce"))
    (tmp_path / "second.toml").write_text("seeds = 2" + STUDY + STUDY.strip() + "\nshots = 0\n")
    (tmp_path / "broken.toml").write_text("seeds = 2\nsize = xs\n")
    (tmp_path / "single.toml").write_text('[tasks]\ntask = "tuning/head"\n')
    (tmp_path / "backend.toml").write_text('backend = "enigne"' + STUDY)
    (tmp_path / "seeds.toml").write_text("seeds = [1, 1]" + STUDY)
    (tmp_path / "none.toml").write_text("seeds = 3\n")
    (tmp_path / "watts.toml").write_text(
        "seeds = 1" + STUDY + '[host]\nw_per_vcpu = {value = -1, unit = "W"}\n'
    )
    (tmp_path / "latin.toml").write_bytes('name = "Zürich"'.encode("latin-1"))
    return tmp_path


MISTAKES = [
    # studies
    ("run nowhere.toml", ["nowhere.toml", "cannot read", "qwatt list tasks"]),
    ("run sorce.toml", ["sorce.toml, line 5", "tasks.0.sorce", "source"]),
    ("run second.toml", ["second.toml, line 11", "tasks.1.shots", "greater than or equal to 1"]),
    ("run broken.toml", ["broken.toml", "line 2", "quotes"]),
    ("run single.toml", ["single.toml, line 1", "[[tasks]]"]),
    ("run backend.toml", ["backend.toml, line 1", "enigne", "engine"]),
    ("run seeds.toml", ["seeds.toml, line 1", "only once"]),
    ("run none.toml", ["none.toml", "tasks"]),
    ("run watts.toml", ["watts.toml, line 8", "w_per_vcpu", "greater than 0"]),
    ("run latin.toml", ["latin.toml", "UTF-8"]),
    ("plan sorce.toml", ["sorce.toml, line 5", "source"]),
    # names
    ("run tunning", ["'tunning'", "tuning"]),
    ("run tuning/haed", ["'tuning/haed'", "tuning/head"]),
    (f"run tuning/head --method logistik {WEATHER}", ["--method", "'logistik'", "logistic"]),
    (f"run tuning/head --size xxs {SMALL.split('--size xs ')[1]}", ["size", "'xxs'", "xs"]),
    (f"run tuning/head --backend enigne {WEATHER}", ["backend", "'enigne'", "engine"]),
    (f"plan tuning/head --backend enigne {WEATHER.replace('--out run', '')}", ["'enigne'", "engine"]),
    (f"run tuning/head --backend noisy:nothing {WEATHER}", ["noisy:nothing", "ibm_kingston"]),
    (f"run tuning/head --backend noisy {WEATHER}", ["noisy", "which QPU"]),
    (f"run tuning/head --backend pennylane:nothing {WEATHER}", ["pennylane", "'nothing'", "default.qubit"]),
    (f"run tuning/head --backend pennylane {WEATHER}", ["pennylane", "which device"]),
    ("show minhashh", ["'minhashh'", "minhash"]),
    ("data fetch shakespear", ["'shakespear'", "shakespeare"]),
    # data
    (f"run tuning/head {SMALL} --data missing.csv", ["missing.csv", "text and label"]),
    (f"run tuning/head {SMALL} --data vadr", ["'vadr'", "vader"]),
    (f"run tuning/head {SMALL} --data empty.csv", ["empty.csv", "no document"]),
    (f"run tuning/head {SMALL} --data empty.jsonl", ["empty.jsonl", "no document"]),
    (f"run tuning/head {SMALL} --data nothing-inside", ["nothing-inside", ".jsonl"]),
    (f"run tuning/head {SMALL} --data junk.csv", ["junk.csv", "binary", ".parquet"]),
    (f"run tuning/head {SMALL} --data junk.jsonl", ["junk.jsonl", "binary"]),
    (f"run tuning/head {SMALL} --data junk.parquet", ["junk.parquet", "Parquet", "again"]),
    (f"run tuning/head {SMALL} --data junk.bin", ["junk.bin", "'.bin'", ".jsonl"]),
    (f"run tuning/head {SMALL} --data array.json", ["array.json", "'.json'", ".jsonl"]),
    (f"run tuning/head {SMALL} --data one-class.csv", ["one-class.csv", "two labels", "only (90)"]),
    (f"run tuning/head {SMALL} --data three.csv", ["three.csv", "two labels", "found 3"]),
    (f"run tuning/head {SMALL} --data unlabelled.csv", ["unlabelled.csv", '"label"']),
    (f"run tuning/head {SMALL} --data fields.jsonl", ["fields.jsonl:1", "title, body", "#body"]),
    ("run tuning/head --size s --out run --data good.csv", ["good.csv", "256 are needed"]),
    (f"run curation/dedup {SMALL} --data empty.txt", ["empty.txt", "no document"]),
    (f"run curation/dedup {SMALL} --data good.csv#body", ["good.csv", "no field 'body'", "#body"]),
    (f"run curation/dedup {SMALL} --data vader", ["'vader'", "shakespeare"]),
    ("plan tuning/head --size xs --data junk.csv", ["junk.csv", "binary"]),
    # folders
    (
        f"run tuning/head --out good.csv {WEATHER.replace('--out run', '')}",
        ["good.csv", "is a file", "--out"],
    ),
    (f"run tuning/head --out good.csv/x {WEATHER.replace('--out run', '')}", ["good.csv/x", "--out"]),
    (f"run tuning/head --out /proc/qwatt {WEATHER.replace('--out run', '')}", ["/proc/qwatt", "--out"]),
    ("report nothing-inside", ["nothing-inside", "holds no run", "--out"]),
    ("report nowhere", ["nowhere", "holds no run"]),
]


@pytest.mark.parametrize(("line", "words"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_a_mistake_is_explained(qwatt, place, line, words):
    ran = qwatt(line)
    assert ran.code == 2, ran.out
    assert ran.out == ""
    assert "mend:" in ran.err
    for word in words:
        assert word in ran.err
    told = qwatt(f"{line} --json")
    assert told.code == 2
    assert set(told.record["error"]) == {"what", "where", "mend"}
    assert told.err == ""


@pytest.mark.parametrize(
    "line",
    [
        "run tuning/head --seeds 0",
        "run tuning/head --seeds many",
        "run tuning/head --shots 0",
        "run tuning/head --tuning-trials 0",
        "run --data",
        "run a b",
        "list nothing",
        "nothing",
        "--nothing",
        "show",
        "report",
    ],
)
def test_a_wrong_command_line_is_refused(qwatt, place, line):
    ran = qwatt(line)
    assert ran.code == 2
    assert ran.out == ""
    assert "Error" in ran.err


def test_a_folder_that_cannot_be_written(qwatt, place, monkeypatch):
    from pathlib import Path

    real = Path.open

    def locked(self, mode="r", *rest, **named):
        if "run" in self.parts and mode != "r":
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, mode, *rest, **named)

    monkeypatch.setattr(Path, "open", locked)
    ran = qwatt(f"run tuning/head --method logistic {WEATHER}")
    assert ran.code == 2
    assert "Permission denied" in ran.err and "mend:" in ran.err


def test_a_full_disk_is_told(qwatt, place, monkeypatch):
    import os

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = qwatt(f"run tuning/head --method logistic {WEATHER}")
    assert ran.code == 2
    assert "No space left on device" in ran.err
