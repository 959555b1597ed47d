"""Mistakes that need more than a file: what cannot be written, and what a run folder may hold.

Those that a file or a command line can show are in tests/mistakes.
"""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.core.printable import printable

SMALL = "--size xs --out run"
WEATHER = f"{SMALL} --data builtin:weather"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("line", ["report empty", "run tuning/head --data empty --size xs"])
def test_an_empty_folder_is_named(qwatt, place, line):
    (place / "empty").mkdir()
    ran = qwatt(line)
    assert ran.code == 2 and "empty: " in ran.err and "mend:" in ran.err


def test_a_folder_where_none_can_be_made(qwatt, place):
    ran = qwatt(f"run tuning/head --out /proc/qwatt {WEATHER.replace('--out run', '')}")
    assert ran.code == 2 and "/proc/qwatt" in ran.err and "--out" in ran.err


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
    assert "make room" in ran.err


# Run folders

ONE = f"tuning/head --method logistic {WEATHER} --tuning-trials 1"


def seeds_of(place):
    lines = (place / "run" / "trials.jsonl").read_text().splitlines()
    return [(record["method"], record["size"], record["seed"]) for record in map(json.loads, lines)]


def test_a_study_may_grow_in_its_folder(qwatt, place):
    assert qwatt(f"run {ONE} --seeds 1").code == 0
    assert qwatt(f"run {ONE} --seeds 2").code == 0
    assert qwatt(f"run {ONE} --method svm-rbf --seeds 1").code == 0
    (place / "both.toml").write_text(
        'seeds = 1\ntuning_trials = 1\nsize = "xs"\n'
        '[[tasks]]\ntask = "tuning/head"\nsource = "builtin:weather"\nmethods = ["logistic"]\n'
        '[[tasks]]\ntask = "curation/dedup"\nsource = "builtin:phrases"\nmethods = ["exact-hash"]\n'
    )
    assert qwatt("run both.toml --out run").code == 0
    assert qwatt(f"run {ONE} --seeds 1").code == 0, "a part of a study is no other study"
    assert seeds_of(place)[:3] == [("logistic", "xs", 0), ("logistic", "xs", 1), ("svm-rbf", "xs", 0)]


def test_another_study_is_appended_only_by_force(qwatt, place):
    assert qwatt(f"run {ONE} --seeds 1").code == 0
    other = "curation/dedup --method exact-hash --data builtin:phrases --size xs --seeds 1 --out run"
    before = {file: file.read_bytes() for file in (place / "run").rglob("*") if file.is_file()}
    refused = qwatt(f"run {other}")
    assert refused.code == 2 and "another study" in refused.err and "--force" in refused.err
    assert {file: file.read_bytes() for file in before} == before
    forced = qwatt(f"run {other} --force")
    assert forced.code == 0
    assert "not shown: 1 trial of tuning/head on builtin:weather, size xs" in forced.out
    assert "1 trial of tuning/head on builtin:weather" in (place / "run" / "report.html").read_text()
    assert "not shown: 1 trial" in qwatt("report run").out
    assert seeds_of(place) == [("logistic", "xs", 0), ("exact-hash", "xs", 0)]


def test_a_foreign_folder_is_used_only_by_force(qwatt, place):
    (place / "run").mkdir()
    (place / "run" / "thesis.tex").write_text("years of work")
    assert qwatt(f"run {ONE} --seeds 1").code == 2
    assert [file.name for file in (place / "run").iterdir()] == ["thesis.tex"]
    assert qwatt(f"run {ONE} --seeds 1 --force").code == 0
    assert (place / "run" / "thesis.tex").read_text() == "years of work"


def test_a_run_that_never_began_does_not_claim_its_folder(qwatt, place):
    (place / "mine.csv").write_text("text,label\n")
    line = ONE.replace("builtin:weather", "mine.csv") + " --seeds 1"
    assert qwatt(f"run {line}").code == 2
    assert qwatt(f"run {ONE} --seeds 1").code == 0


# What acts on a terminal

SCENARIO = """name = {name}
[model]
id = "smollm2-135m"
[training]
accelerator = "h100"
[deployment]
accelerator = "l4"
requests_per_day = 2e5
input_tokens = 120
output_tokens = 60
years = 4
"""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (
            '"[/nope] <script>alert(1)</script> [bold]x[/bold]"',
            "[/nope] <script>alert(1)</script> [bold]x[/bold]",
        ),
        (r'"\u001b[31mRED\u001b]0;own\u0007"', r"\x1b[31mRED\x1b]0;own\x07"),
        (r'"pay\u202egpj.exe :smile:"', r"pay\u202egpj.exe :smile:"),
    ],
)
def test_a_name_is_shown_as_written(qwatt, place, name, shown):
    (place / "own.toml").write_text(SCENARIO.format(name=name))
    ran = qwatt("project own.toml --draws 100 --out projected")
    assert ran.code == 0, ran.err
    assert f"What the life of {shown} takes" in ran.out
    assert not set("\x1b\x07\u202e") & set(ran.out + ran.err)


@given(st.text())
def test_nothing_printable_is_active(text):
    shown = printable(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in shown)
    assert printable(shown) == shown
    if text.isascii() and text.isprintable():
        assert shown == text


def test_a_name_that_is_not_utf8_is_told(qwatt, place):
    import os

    with open(os.fsencode(place) + b"/\xff.jsonl", "w") as stream:  # noqa: PTH123
        stream.write('{"text": "a"}\n')
    ran = qwatt(["run", "curation/dedup", "--data", "\udcff.jsonl", "--out", "run"])
    assert ran.code == 2 and "\\xff.jsonl: 1 documents are too few" in ran.err
