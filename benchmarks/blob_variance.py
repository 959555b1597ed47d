"""How standard and parallel quantum k-means hold out on blobs of growing variance.

    python benchmarks/blob_variance.py [--seeds 5] [--noise] [--out benchmarks/results/blob_variance.json]

64 points of four Gaussian blobs in 8 dimensions, whose centres have coordinates of standard deviation 2; that
of a blob's coordinates grows from row to row. Balanced accuracy against the blobs, median over seeds;
settings of studies/cases/eon_grid_kmeans.toml, 1,000 shots. --noise adds the case's machine: minutes a row.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from qwatt.core.registry import get_method, get_task
from qwatt.core.study_file import load_study
from qwatt.core.trial import TrialSpec
from qwatt.energy.meter import Meter
from qwatt.protocol.execute import execute

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "blob_variance.json"
SPREADS = (0.5, 1.0, 1.5, 2.0, 3.0)
METHODS = ("kmeans", "quantum-kmeans", "quantum-kmeans-parallel", "quantum-kmeans-separable")
BACKENDS = ("engine", "noisy:ibm_sherbrooke")


def rows(seeds: int, backends: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Run the case's methods on blobs of every variance."""
    case = load_study(ROOT / "studies" / "cases" / "eon_grid_kmeans.toml")
    for spread, backend, name in product(SPREADS, backends, METHODS):
        if name == "kmeans" and backend != BACKENDS[0]:
            continue
        fixed = tuple(sorted({"clusters": 4, **case.tasks[0].set.get(name, {})}.items()))
        source = f"builtin:blobs:{spread:g}"
        found = [accuracy(name, source, seed, backend, fixed) for seed in range(seeds)]
        yield {"variance": spread**2, "method": name, "backend": backend, "accuracies": found}


def accuracy(name: str, source: str, seed: int, backend: str, fixed: tuple[tuple[str, Any], ...]) -> float:
    """Run one trial."""
    task, method = get_task("curation/cluster"), get_method("curation/cluster", name)
    spec = TrialSpec(task.name, name, source, "xs", seed, backend, 1000, 1, fixed)
    trial, _ = execute(spec, task, method, task.load(source, "xs", seed), Meter())
    if trial.quality is None:
        raise SystemExit(f"{name} failed: {trial.error}")
    return trial.quality


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--noise", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULT)
    chosen = parser.parse_args()
    done = []
    for row in rows(chosen.seeds, BACKENDS if chosen.noise else BACKENDS[:1]):
        done.append(row)
        print(
            f"variance {row['variance']:5.2f}  {row['method']:<26} {row['backend']:<21} "
            f"{median(row['accuracies']):.3f}",
            flush=True,
        )
    chosen.out.write_text(json.dumps({"seeds": chosen.seeds, "rows": done}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
