"""The host's joules that `qwatt plan` forecasts beside those that a run then measures, method by method.

    python benchmarks/host_forecast.py [TASK ...] [--size s] [--json FILE]

One seed, one setting a method, each task in a process of its own. What is shared by the methods of a task,
such as embedding a text, is charged as it was measured when it was made: now, in a cache that begins with
downloads and trained decoders alone. A ratio is forecast over measured; the promise is a factor of two.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

WITHIN = 2.0
OPTIONS = ("--seeds", "1", "--tuning-trials", "1")
KEPT = ("datasets", "decoders")
"""Folders of the cache that cost a download or a training."""


@dataclass(frozen=True)
class Forecast:
    """One method on one problem; joules are None where nothing is said."""

    task: str
    method: str
    forecast_j: float | None
    measured_j: float | None
    reason: str

    @property
    def ratio(self) -> float | None:
        """Forecast over measured."""
        if self.forecast_j is None or not self.measured_j:
            return None
        return self.forecast_j / self.measured_j

    @property
    def holds(self) -> bool:
        """Whether the forecast is within the factor."""
        return self.ratio is not None and 1 / WITHIN <= self.ratio <= WITHIN


def forecasts(task: str, size: str, folder: Path) -> Iterator[Forecast]:
    """Plan and run all methods of a task.

    Args:
        task: such as "curation/dedup".
        size: of the problem.
        folder: where the run is kept.
    """
    out, cache = folder / task.replace("/", "-"), _cache(folder)
    planned = json.loads(_qwatt(cache, "plan", task, "--size", size, *OPTIONS, "--json"))
    _qwatt(cache, "run", task, "--size", size, *OPTIONS, "--out", str(out), "--json")
    lines = (out / "trials.jsonl").read_text("utf-8").splitlines()
    measured = {trial["method"]: trial for trial in map(json.loads, lines)}
    for row in planned:
        energy = measured.get(row["method"], {}).get("host_energy") or {}
        forecast = row["host_energy"]
        yield Forecast(
            task, row["method"], forecast["value"], energy.get("value_j"), forecast.get("reason") or ""
        )


def _cache(folder: Path) -> Path:
    """Return a cache without embeddings: those kept were measured on another day, beside other work."""
    from qwatt.core.cache import cache_folder

    cache = folder / "cache"
    cache.mkdir(exist_ok=True)
    for name in KEPT:
        if not (cache / name).exists():
            (cache / name).symlink_to(cache_folder(name), target_is_directory=True)
    return cache


def _qwatt(cache: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "qwatt.cli", *arguments]
    environment = os.environ | {"QWATT_CACHE": str(cache)}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def main() -> None:
    from qwatt.core.registry import all_tasks

    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("tasks", nargs="*", help="all by default")
    parser.add_argument("--size", default="s")
    parser.add_argument("--json", type=Path, help="a file for the rows")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for task in options.tasks or sorted(all_tasks()):
            for row in forecasts(task, options.size, Path(folder)):
                rows.append(row)
                ratio = "   none" if row.ratio is None else f"{row.ratio:7.2f}"
                print(
                    f"{ratio} {'' if row.holds else '<'}\t{row.task} {row.method}\t{row.reason}", flush=True
                )
    print(f"{sum(row.holds for row in rows)} of {len(rows)} within a factor of {WITHIN:g}")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
