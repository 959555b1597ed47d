"""Time what `qwatt runs` takes for a year of runs: indexing, and then listing, comparing and following them.

    python benchmarks/runs.py [--runs 10000] [--trials 100] [--folder FOLDER]

Run folders are made up, with records as `qwatt run` writes them but for QPU prices and phases, which the
index does not read (about 1 GB at full size). They are removed at the end unless --folder keeps them.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory

from qwatt.core.trial import Trial
from qwatt.core.trial_lines import write_line

SEEDS = 5
DISTINCT = 200
"""Runs that differ; the others are copies of them, as making records takes longer than reading them."""
TASKS = ("tuning/head", "curation/dedup", "deployment/prune", "monitoring/drift")


def energy(joules: float) -> dict[str, object]:
    return {
        "value_j": joules, "low_j": joules / 3, "high_j": joules * 3, "basis": "estimated:cpu_time",
        "boundary": "node", "reason": "unknown processor; resident memory",
    }  # fmt: skip


def record(dice: random.Random, run: int, number: int) -> bytes:
    method, seed = divmod(number, SEEDS)
    trial = {
        "format": 2, "task": TASKS[run % len(TASKS)],
        "method": f"method-{method}", "source": "builtin:weather", "size": "s", "seed": seed,
        "backend": "engine", "shots": 1000,
        "tuning_trials": 12, "fixed": [], "kind": "classical", "metric": "accuracy", "status": "done",
        "quality": dice.random(), "extras": {"macro_f1": dice.random()}, "settings": {"c": 1.0},
        "seconds": dice.expovariate(1.0), "host_energy": energy(dice.expovariate(0.1)),
        "simulation_energy": None, "shared_energy": None, "phases": {}, "demand": {}, "qpu": {},
        "environment": "0123456789ab",
    }  # fmt: skip
    return write_line(Trial.from_record(trial))


def make(folder: Path, runs: int, trials: int) -> None:
    dice, then = random.Random(0), time.time() - 365 * 86400
    kinds = [b"".join(record(dice, run, n) for n in range(trials)) for run in range(DISTINCT)]
    for run in range(runs):
        path = folder / f"{run % 52:02}" / f"run-{run:05}"
        path.mkdir(parents=True)
        (path / "trials.jsonl").write_bytes(kinds[run % DISTINCT])
        at = then + 365 * 86400 * run / runs
        os.utime(path / "trials.jsonl", (at, at))


def timed(words: list[str]) -> str:
    """Return wall and CPU seconds of a command; where others use the machine, the second says more."""
    start, before = time.perf_counter(), getrusage(RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "qwatt.cli", "runs", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    after = getrusage(RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{time.perf_counter() - start:7.2f} s, {cpu:7.2f} CPU s"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--runs", type=int, default=10_000)
    options.add_argument("--trials", type=int, default=100)
    options.add_argument("--folder", type=Path)
    given = options.parse_args()
    with TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary, "runs")
        os.environ["QWATT_CACHE"] = str(Path(temporary, "cache"))
        if not folder.exists():
            make(folder, given.runs, given.trials)
        where = str(folder)
        verbs = {
            "list, indexing all": ["list", where],
            "list": ["list", where],
            "compare energy_j": ["compare", "energy_j", where],
            "trend quality of a method": ["trend", "quality", where, "--method", "method-3"],
            "trend quality of all": ["trend", "quality", where],
        }
        print(f"{given.runs:,} runs x {given.trials:,} trials; whole commands, Python's start included")
        for name, words in verbs.items():
            print(f"{name:<28} {timed(words)}")
        touched = next(folder.glob("*/*/trials.jsonl"))
        with touched.open("ab") as stream:
            stream.write(record(random.Random(1), 0, given.trials))
        print(f"{'list, one run changed':<28} {timed(['list', where])}")


if __name__ == "__main__":
    main()
