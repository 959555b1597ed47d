"""The case of IonQ in one table: accuracy by head and qubits, each beside logistic regression, seed by seed.

    python benchmarks/head_case.py RUN ... [--json FILE]

Takes the run folders of `studies/cases/ionq_head.toml`, or several with some of its seeds each: quality
depends on the seed alone, wherever a trial ran. What the file of `--json` holds of earlier runs is kept.
A circuit is its re-uploads x layers. Medians over seeds with a bootstrap interval; the difference to the
frozen logistic regression is paired, its interval and verdict those of the exact sign test at the task's
margin. No joules: those of runs that shared a machine say nothing.
Published on SST-2: 92.7 % at 14 qubits, 89.56 % of the best classical head, rising with qubits.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

from qwatt.core.judgement import judge
from qwatt.core.run_folder import RunFolder
from qwatt.core.statistics import bootstrap_interval
from qwatt.stages.tuning.head.task import HeadTask

BASE = ("logistic", 0, "")
Found = dict[tuple[str, int, str], dict[int, float]]
"""(Head, qubits or 0, re-uploads and layers) -> seed -> accuracy."""


def gathered(runs: list[Path], earlier: dict[str, list[dict]]) -> dict[str, Found]:
    """Return by size what was found; a seed that was run twice counts once."""
    sizes: dict[str, Found] = defaultdict(lambda: defaultdict(dict))
    for size, rows in earlier.items():
        for row in rows:
            own = {int(seed): value for seed, value in row["by_seed"].items()}
            sizes[size][row["head"], row["qubits"] or 0, row["circuit"] or ""] = own
    for run in runs:
        for trial in RunFolder.open(run).trials():
            if trial.spec.task == HeadTask.name and trial.quality is not None:
                fixed = dict(trial.spec.fixed)
                circuit = f"{fixed['reuploads']} x {fixed['layers']}" if "reuploads" in fixed else ""
                key = trial.spec.method, int(fixed.get("wires", 0)), circuit
                sizes[trial.spec.size][key].setdefault(trial.spec.seed, trial.quality)
    return sizes


def rows_of(found: Found) -> list[dict]:
    """Return a row for each head and circuit, by circuit, qubits and head."""
    rows, base = [], found[BASE]
    for key, own in sorted(found.items(), key=lambda item: item[0][::-1]):
        method, qubits, circuit = key
        low, value, high = bootstrap_interval(list(own.values()))
        row = {"head": method, "qubits": qubits or None, "circuit": circuit or None, "seeds": len(own)}
        row |= {"accuracy": value, "interval": [low, high], "by_seed": own}
        if key != BASE:
            verdict = judge([own[seed] - base[seed] for seed in own if seed in base], HeadTask.margin)
            row |= {"difference": verdict.difference, "outcome": verdict.outcome.value}
        rows.append(row)
    return rows


def show(size: str, rows: list[dict]) -> None:
    """Print one table."""
    print(f"\nsize {size}; difference to {BASE[0]} in points, margin {100 * HeadTask.margin:g}\n")
    print("| head | qubits | circuit | seeds | accuracy | 95 % interval | difference | interval | test |")
    print("|---|---:|---|---:|---:|---|---:|---|---|")
    for row in rows:
        ends = " to ".join(f"{100 * end:.1f}" for end in row["interval"])
        circuit = f"{row['qubits'] or ''} | {row['circuit'] or ''}"
        line = f"| {row['head']} | {circuit} | {row['seeds']} | {100 * row['accuracy']:.1f} | {ends}"
        low, middle, high = row.get("difference") or (None, None, None)
        bounds = " to ".join("open" if v is None else f"{100 * v:+.1f}" for v in (low, high))
        paired = (
            f"{100 * middle:+.1f} | {bounds} | {row['outcome']}" if middle is not None else " | | reference"
        )
        print(f"{line} | {paired} |")


def main() -> None:
    """Print a table a size, and write what was asked for."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="*")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    known = options.json is not None and options.json.exists()
    earlier = json.loads(options.json.read_text()) if known else {}
    sizes = gathered(options.runs, earlier)
    tables = {size: rows_of(found) for size, found in sizes.items() if BASE in found}
    for size, rows in tables.items():
        show(size, rows)
    if options.json:
        options.json.write_text(json.dumps(tables, indent=1) + "\n")


if __name__ == "__main__":
    main()
