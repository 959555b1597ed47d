"""Runs `qwatt watch` inside this process: a stream in, windows out."""

import json
import os
from pathlib import Path

import numpy as np

from qwatt.stages.monitoring.drift.watch.watch import Options, watch


def write_rows(path, rows):
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return str(path)


def scores(seed, count, power=1.0):
    return [{"id": i, "score": x} for i, x in enumerate(np.random.default_rng(seed).random(count) ** power)]


def run_watch(
    folder, reference, stream, *, resume=False, live=False, out="out.jsonl", tell=lambda said: None, **options
):
    """Watch a file's bytes; windows are appended to `out` in the folder."""
    source = os.open(stream, os.O_RDONLY)
    target = os.open(folder / out, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        return watch(Options(reference, **options), folder / "state", resume, live, source, target, tell)
    finally:
        os.close(source)
        os.close(target)


def printed(path):
    """Return the windows that were printed, less the energy, which no two runs share."""
    rows = [json.loads(line) for line in Path(path).read_bytes().splitlines()]
    return [{k: v for k, v in row.items() if k != "energy_j"} for row in rows]
