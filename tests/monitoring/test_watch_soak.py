"""Millions of rows through `qwatt watch`: memory that does not grow, and how many rows a second."""

import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
from scipy import stats
from watching import printed, scores, write_rows

BLOCK = 100_000
MOST_RSS_BYTES = 300e6
"""Of the process with its libraries; torch and the like are not loaded for scores."""


def watch_blocks(tmp_path, blocks, *more):
    """Feed blocks of scores to a process; return what it printed, its memory by block, and seconds."""
    reference = write_rows(tmp_path / "reference.jsonl", scores(1, 20_000))
    values = np.random.default_rng(2).random(BLOCK)
    block = "".join(f'{{"id": {i}, "score": {x:.6f}}}\n' for i, x in enumerate(values)).encode()
    words = [
        sys.executable,
        "-m",
        "qwatt.cli",
        "watch",
        reference,
        "--window",
        "500",
        "--state",
        "state",
        *more,
    ]
    began, memory = time.monotonic(), []
    with (tmp_path / "out.jsonl").open("wb") as out, (tmp_path / "err").open("wb") as err:
        words += ["--state", "state", *more]
        process = subprocess.Popen(words, cwd=tmp_path, stdin=subprocess.PIPE, stdout=out, stderr=err)
        for _ in range(blocks):
            process.stdin.write(block)
            memory.append(psutil.Process(process.pid).memory_info().rss)
        process.stdin.close()
        assert process.wait(600) == 0, (tmp_path / "err").read_text()
    return printed(tmp_path / "out.jsonl"), memory, time.monotonic() - began


@pytest.mark.nightly
@pytest.mark.parametrize("detector", ["ks", "sequential", "adwin", "ddm"])
def test_ten_million_rows_in_bounded_memory(tmp_path, detector, record_property):
    found, memory, seconds = watch_blocks(tmp_path, 100, "--detector", detector)
    assert len(found) == 20_000 and found[-1]["last_line"] == 10_000_000
    assert max(memory) < MOST_RSS_BYTES
    assert max(memory[50:]) - max(memory[10:50]) < 5e6, "it grows"
    state = sum(
        file.stat().st_size for file in (tmp_path / "state").iterdir() if file.name != "windows.jsonl"
    )
    assert state < 100_000
    record_property("figures", f"{detector}: {1e7 / seconds:,.0f} rows/s, {max(memory) / 1e6:,.0f} MB")


def test_a_hundred_thousand_rows_in_bounded_memory(tmp_path):
    found, memory, _ = watch_blocks(tmp_path, 1)
    assert len(found) == 200 and not sum(row["bad_rows"] for row in found)
    assert sum(row["alert"] for row in found) == found[-1]["alerts"] <= stats.binom.ppf(0.9999, 200, 0.05)
    assert max(memory) < MOST_RSS_BYTES
