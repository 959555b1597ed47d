"""Millions of rows through `qwatt watch`: memory that does not grow, and how many rows a second."""

import resource
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
    words = [sys.executable, "-m", "qwatt.cli", "watch", reference, "--window", "500", "--state", "state"]
    began, memory = time.monotonic(), []
    with (tmp_path / "out.jsonl").open("wb") as out, (tmp_path / "err").open("wb") as err:
        words += more
        process = subprocess.Popen(words, cwd=tmp_path, stdin=subprocess.PIPE, stdout=out, stderr=err)
        for _ in range(blocks):
            process.stdin.write(block)
            memory.append(psutil.Process(process.pid).memory_info().rss)
        process.stdin.close()
        assert process.wait(600) == 0, (tmp_path / "err").read_text()
    return printed(tmp_path / "out.jsonl"), memory, time.monotonic() - began


def growth(memory):
    """Return the slope of memory in bytes a million rows, by least squares."""
    return stats.linregress(np.arange(len(memory)) * BLOCK / 1e6, memory).slope


def cpu_s():
    """Return the CPU seconds of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.nightly
@pytest.mark.parametrize("detector", ["ks", "sequential", "adwin", "ddm"])
def test_ten_million_rows_in_bounded_memory(tmp_path, detector, record_property):
    before_s = cpu_s()
    found, memory, seconds = watch_blocks(tmp_path, 100, "--detector", detector)
    spent_s = cpu_s() - before_s
    assert len(found) == 20_000 and found[-1]["last_line"] == 10_000_000
    assert max(memory) < MOST_RSS_BYTES
    assert max(memory[50:]) - max(memory[10:50]) < 5e6, "it grows"
    slope = growth(memory[10:])
    assert slope < 1e6, "it would grow by more than 1 MB in a million rows"
    state = sum(
        file.stat().st_size for file in (tmp_path / "state").iterdir() if file.name != "windows.jsonl"
    )
    assert state < 100_000
    record_property(
        "figures",
        f"{detector}: 10,000,000 rows, {1e7 / seconds:,.0f} a second, {spent_s:,.0f} CPU s; memory "
        f"{max(memory) / 1e6:,.1f} MB at most, growth {slope / 1e3:+.1f} kB in a million rows",
    )


def test_a_hundred_thousand_rows_in_bounded_memory(tmp_path):
    found, memory, _ = watch_blocks(tmp_path, 1)
    assert len(found) == 200 and not sum(row["bad_rows"] for row in found)
    assert sum(row["alert"] for row in found) == found[-1]["alerts"] <= stats.binom.ppf(0.9999, 200, 0.05)
    assert max(memory) < MOST_RSS_BYTES
