"""Streams that the caller closed: what is opened next takes their numbers, and must not be written."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

QWATT = f"{sys.executable} -m qwatt.cli"


def shell(line, folder):
    return subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-"])
def test_a_watch_without_its_streams_keeps_its_windows_and_its_state(tmp_path, closed):
    values = np.random.default_rng(2).random(300).tolist()
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps({'score': x})}\n" for x in values))
    ran = shell(f"{QWATT} watch rows.jsonl --window 50 --state state < rows.jsonl {closed}", tmp_path)
    assert (ran.returncode, "Traceback" in ran.stderr) == (0, False)
    windows = [json.loads(line) for line in (tmp_path / "state" / "windows.jsonl").read_text().splitlines()]
    assert len(windows) == 6
    again = shell(f"{QWATT} watch rows.jsonl --window 50 --state state --resume < rows.jsonl", tmp_path)
    assert (again.returncode, again.stdout) == (0, ""), "the state is whole: nothing is left to watch"


@pytest.mark.parametrize(
    ("words", "code", "closed"), [("list tasks", 0, ">&-"), ("list nothing", 2, "<&- >&- 2>&-")]
)
def test_other_verbs_end_as_they_would(tmp_path, words, code, closed):
    ran = shell(f"{QWATT} {words} {closed}", tmp_path)
    assert (ran.returncode, "Traceback" in ran.stderr) == (code, False)
    assert os.listdir(tmp_path) == []  # noqa: PTH208
