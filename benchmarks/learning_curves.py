"""Learning curves of a run of `studies/head_curves.toml`: accuracy against labelled sentences of each class.

    python benchmarks/learning_curves.py RUN

Medians over the seeds with their range, and the joules of the median trial.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from statistics import median

from qwatt.core.run_folder import RunFolder
from qwatt.stages.tuning.head.task import HeadTask


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = defaultdict(list)
    for trial in RunFolder.open(sys.argv[1]).trials():
        if trial.spec.task == HeadTask.name and trial.quality is not None:
            size = HeadTask.sizes[trial.spec.size]
            found[size["encoder"], trial.spec.method, size["per_class"]].append(trial)
    print("| encoder | head | per class | accuracy | range | seeds | J |")
    print("|---|---|---:|---:|---|---:|---:|")
    for (encoder, method, count), trials in sorted(found.items()):
        values = sorted(trial.quality for trial in trials)
        joules = [t.host_energy.value for t in trials if t.host_energy and t.host_energy.value is not None]
        cost = f"{median(joules):.3g}" if joules else "unknown"
        ends = f"{values[0]:.3f} to {values[-1]:.3f}"
        print(f"| {encoder} | {method} | {count} | {median(values):.3f} | {ends} | {len(values)} | {cost} |")


if __name__ == "__main__":
    main()
