"""Which factors of the re-uploading head matter: a screening design with main effects.

    python benchmarks/head_screening.py [--seeds 0 1 2 3 4] [--json FILE] [--svg FILE]
    python benchmarks/head_screening.py --from FILE ... [--json FILE] [--svg FILE]

The factors of arXiv:2504.08732 and those that its text leaves open, two levels each, by the design of
Plackett and Burman (Biometrika 33, 305, 1946) for eleven factors, folded over: 24 heads a seed, whose main
effects are clear of all interactions of two factors. A seed has its own split, angles and shots, so that
every seed gives every effect once; the interval is Student's over the seeds, without correction for eleven
looks. `--from` reads the results of runs that were spread over processes and puts their seeds together.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

GENERATOR = "++-+++---+-"
SIZE = "s,pool_per_class=756"
NOISE = "noisy:ibm_boston"
FACTORS = {
    "wires": (4, 6),
    "encoders": (1, 2),
    "reuploads": (1, 3),
    "layers": (1, 3),
    "connectivity": (1, 2),
    "amplitudes": (16, 512),
    "entangle": (False, True),
    "learning_rate": (0.02, 0.1),
    "steps": (40, 120),
    "shots": (100, 10_000),
    "noise": (False, True),
}
"""Low and high. Shots and noise are those of labelling; 512 amplitudes hold the whole embedding."""
OF_READING = ("entangle", "shots", "noise")


def design() -> np.ndarray:
    """Return the signs of 24 runs, shape (24, 11): 11 cyclic shifts, a row of lows, and their mirror."""
    first = np.array([1 if sign == "+" else -1 for sign in GENERATOR])
    half = np.vstack([*(np.roll(first, shift) for shift in range(len(first))), -np.ones_like(first)])
    return np.vstack([half, -half])


def main_effects(responses: np.ndarray) -> np.ndarray:
    """Return mean at high minus mean at low of every factor, shape (seeds, 11).

    Args:
        responses: shape (seeds, 24), in the order of `design`.
    """
    signs = design()
    return 2.0 * responses @ signs / len(signs)


def accuracy_of(levels: dict, problem, seed: int) -> float:
    """Train a head with these levels and return its accuracy on the test part."""
    from qwatt.core.context import Unmetered
    from qwatt.core.registry import get_backend
    from qwatt.core.threads import one_thread
    from qwatt.stages.tuning.head.reupload import ReuploadHead
    from qwatt.stages.tuning.head.score import accuracy

    class Head(ReuploadHead):
        """Differs in its CNOTs alone: the control of the package reads more wires too."""

        entangle = levels["entangle"]

    head = Head()
    own = {n: v for n, v in levels.items() if n not in OF_READING}
    settings = {n: values[0] for n, values in head.space.items()} | own
    with one_thread():
        model = head.fit(problem, settings, Unmetered(get_backend("engine"), seed=seed))
        reading = Unmetered(get_backend(NOISE if levels["noise"] else "engine"), levels["shots"], seed)
        return accuracy(head.decide(model, problem.test.vectors, reading), problem.test.labels)


def run(seeds: list[int]) -> dict:
    """Return the responses of the design at these seeds."""
    from qwatt.stages.tuning.head.task import HeadTask

    found = {}
    for seed in seeds:
        problem, row = HeadTask().load("vader", SIZE, seed), []
        for signs in design():
            levels = {name: pair[int(s > 0)] for (name, pair), s in zip(FACTORS.items(), signs, strict=True)}
            row.append(accuracy_of(levels, problem, seed))
            print(f"seed {seed}, run {len(row)} of 24: accuracy {row[-1]:.4f}", flush=True)
        found[str(seed)] = row
    return {"size": SIZE, "noise": NOISE, "factors": FACTORS, "responses": found}


def joined(files: list[Path]) -> dict:
    """Return the seeds of several results in one."""
    parts = [json.loads(file.read_text()) for file in files]
    whole = parts[0]
    for part in parts[1:]:
        if any(part[key] != whole[key] for key in ("size", "noise", "factors")):
            raise SystemExit("the results are of different designs")
        whole["responses"] |= part["responses"]
    return whole


def summary(responses: dict[str, list[float]]) -> list[dict]:
    """Return the factors with the mean of their effect over seeds and its 95 % interval, largest first.

    Args:
        responses: by seed, two seeds or more.
    """
    from scipy.stats import t

    effects = main_effects(np.array(list(responses.values())))
    seeds = len(effects)
    half = t.ppf(0.975, seeds - 1) * effects.std(axis=0, ddof=1) / np.sqrt(seeds)
    rows = [
        {"factor": name, "low": pair[0], "high": pair[1]}
        | {"effect": float(mean), "interval": [float(mean - h), float(mean + h)]}
        for (name, pair), mean, h in zip(FACTORS.items(), effects.mean(axis=0), half, strict=True)
    ]
    return sorted(rows, key=lambda row: -abs(row["effect"]))


def draw(rows: list[dict], file: Path) -> None:
    """Draw the effects in points of accuracy with their intervals."""
    height, middle, scale = 26 * len(rows) + 40, 330, 260 / max(abs(v) for r in rows for v in r["interval"])
    size = f'viewBox="0 0 640 {height}" font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<rect width="640" height="{height}" fill="white"/>',
        f'<line x1="{middle}" x2="{middle}" y1="10" y2="{height - 24}" stroke="#999"/>',
    ]
    for number, row in enumerate(rows):
        y = 24 + 26 * number
        low, value, high = (
            middle + scale * v for v in (row["interval"][0], row["effect"], row["interval"][1])
        )
        colour = "#1f5fa8" if low > middle or high < middle else "#888"
        parts += [
            f'<text x="6" y="{y + 4}">{row["factor"]} {row["low"]} to {row["high"]}</text>',
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>',
            f'<circle cx="{value:.1f}" cy="{y}" r="4" fill="{colour}"/>',
        ]
    label = "main effect on accuracy, points; blue: the interval excludes 0"
    parts += [f'<text x="{middle - 150}" y="{height - 8}">{label}</text>', "</svg>"]
    file.write_text("\n".join(parts) + "\n")


def show(rows: list[dict]) -> list[dict]:
    """Print the table; return its rows."""
    print("| factor | low | high | main effect, points | 95 % interval |")
    print("|---|---|---|---:|---|")
    for row in rows:
        low, high = (100 * v for v in row["interval"])
        line = f"| {row['factor']} | {row['low']} | {row['high']} | {100 * row['effect']:+.1f}"
        print(f"{line} | {low:+.1f} to {high:+.1f} |")
    return rows


def main() -> None:
    """Run or read, print the table, write what was asked for."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--from", dest="files", type=Path, nargs="+")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    found = joined(options.files) if options.files else run(options.seeds)
    if len(found["responses"]) > 1:
        found["effects"] = show(summary(found["responses"]))
        if options.svg:
            draw(found["effects"], options.svg)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
