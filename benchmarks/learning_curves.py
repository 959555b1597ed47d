"""Learning curves of runs of `studies/head_curves.toml`: accuracy against labelled sentences of each class.

    python benchmarks/learning_curves.py RUN ... [--json FILE] [--svg FILE]

Medians over the seeds with their range. A seed that several runs have counts once; runs of size s are the
point of 256 a class. What the file of `--json` holds of earlier runs is kept.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from math import log2
from pathlib import Path
from statistics import median

from qwatt.core.run_folder import RunFolder
from qwatt.stages.tuning.head.task import HeadTask

COLOURS = (
    *("#1f5fa8", "#c2570c", "#2a7f3f", "#8a3fa0", "#b02a3a", "#666"),
    *("#997a00", "#17818a", "#444", "#5b2c8f", "#6b8e23", "#d16ba5"),
)
_PANEL = 360
"""Height of an encoder's panel."""


def rows_of(runs: list[Path], earlier: list[dict]) -> list[dict]:
    """Return a row for each encoder, head and number of sentences, in this order."""
    found: dict[tuple, dict[int, float]] = defaultdict(dict)
    for row in earlier:
        key = row["encoder"], row["head"], row["per_class"]
        found[key] = {int(seed): value for seed, value in row["by_seed"].items()}
    for run in runs:
        for trial in RunFolder.open(run).trials():
            spec = trial.spec
            if spec.task == HeadTask.name and trial.quality is not None and spec.source == "vader":
                size = HeadTask.sizes[spec.size]
                key = size["encoder"], spec.method, size["per_class"]
                found[key].setdefault(spec.seed, trial.quality)
    return [
        {"encoder": encoder, "head": head, "per_class": count, "accuracy": median(own.values())}
        | {"range": [min(own.values()), max(own.values())], "by_seed": own}
        for (encoder, head, count), own in sorted(found.items())
    ]


def show(rows: list[dict]) -> None:
    """Print the table."""
    print("| encoder | head | per class | accuracy | range | seeds |")
    print("|---|---|---:|---:|---|---:|")
    for row in rows:
        ends = " to ".join(f"{end:.3f}" for end in row["range"])
        line = f"| {row['encoder']} | {row['head']} | {row['per_class']} | {row['accuracy']:.3f}"
        print(f"{line} | {ends} | {len(row['by_seed'])} |")


def draw(rows: list[dict], file: Path) -> None:
    """Draw a panel an encoder, with a line for each head over the logarithm of the sentences."""
    heads = list(dict.fromkeys(row["head"] for row in rows))
    encoders = list(dict.fromkeys(row["encoder"] for row in rows))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 {_PANEL * len(encoders)}" '
        'font-family="sans-serif">',
        f'<rect width="680" height="{_PANEL * len(encoders)}" fill="white"/>',
    ]
    for number, encoder in enumerate(encoders):
        own = [row for row in rows if row["encoder"] == encoder]
        parts += [f'<g transform="translate(0,{_PANEL * number})">', *_panel(encoder, own, heads), "</g>"]
    file.write_text("\n".join([*parts, "</svg>"]) + "\n")


def _panel(encoder: str, rows: list[dict], heads: list[str]) -> list[str]:
    """Return an encoder's axes and lines; a head has one colour in all panels."""
    parts = []
    for level in (0.5, 0.6, 0.7, 0.8):
        y = 300 - 900 * (level - 0.5)
        parts += [
            f'<line x1="60" x2="410" y1="{y}" y2="{y}" stroke="#ddd"/>',
            f'<text x="30" y="{y + 4}">{level}</text>',
        ]
    parts += [f'<text x="{52 + 70 * i}" y="318">{8 << i}</text>' for i in range(6)]
    parts.append(f'<text x="60" y="340">{encoder}; labelled sentences of each class; median accuracy</text>')
    curves: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        place = 60 + 70 * (log2(row["per_class"]) - 3), 300 - 900 * (row["accuracy"] - 0.5)
        curves[row["head"]].append(place)
    for number, (head, points) in enumerate(curves.items()):
        colour = COLOURS[heads.index(head) % len(COLOURS)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts += [
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>',
            *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points),
            f'<text x="450" y="{40 + 20 * number}" fill="{colour}">{head}</text>',
        ]
    return parts


def main() -> None:
    """Print the table, and write what was asked for."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="*")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    known = options.json is not None and options.json.exists()
    rows = rows_of(options.runs, json.loads(options.json.read_text()) if known else [])
    show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    if options.svg:
        draw(rows, options.svg)


if __name__ == "__main__":
    main()
