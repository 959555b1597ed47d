"""How long the command line takes to answer, beside `python -c pass`.

    python benchmarks/cli.py [--rounds 15] [--json] [--out benchmarks/results/cli.json]

The commands take turns, so that a busy machine slows them alike. Reported are the least wall and CPU time of
all rounds (CPU: user and system), which other work lengthens least, and their ratios to the bare interpreter.
What the listing verbs keep in the cache is there, as it is after their first call. `heavy` names the large
packages that a command imported: there should be none. Ends with 1 if a target of CPU seconds is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

RESULT = Path(__file__).parent / "results" / "cli.json"
BASE = "python -c pass"
COMMANDS = {
    BASE: ["-c", "pass"],
    "qwatt --help": ["-m", "qwatt.cli", "--help"],
    "qwatt list methods": ["-m", "qwatt.cli", "list", "methods"],
    "qwatt list methods --json": ["-m", "qwatt.cli", "list", "methods", "--json"],
    "qwatt list tasks": ["-m", "qwatt.cli", "list", "tasks"],
    "qwatt list backends": ["-m", "qwatt.cli", "list", "backends"],
    "qwatt list qpus": ["-m", "qwatt.cli", "list", "qpus"],
    "qwatt list cards": ["-m", "qwatt.cli", "list", "cards"],
    "qwatt show curation/dedup": ["-m", "qwatt.cli", "show", "curation/dedup"],
    "qwatt estimate --help": ["-m", "qwatt.cli", "estimate", "--help"],
    "qwatt run --help": ["-m", "qwatt.cli", "run", "--help"],
}
LIMITS_S = {"qwatt --help": 0.2, "qwatt list methods": 0.5, "qwatt list tasks": 0.5}
HEAVY = ("torch", "pennylane", "transformers", "sklearn", "scipy", "pandas", "dimod", "pyarrow", "jinja2")


def once(words: list[str]) -> tuple[float, float]:
    """Return the wall and CPU seconds of one process."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def heavy(words: list[str]) -> list[str]:
    """Return the large packages that a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *words], capture_output=True, text=True, check=True
    )
    names = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    return sorted(names.intersection(HEAVY))


def measure(rounds: int) -> list[dict[str, Any]]:
    """Return one record a command: the least of interleaved rounds."""
    for words in COMMANDS.values():
        once(words)  # bytecode and disk caches
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, words in COMMANDS.items():
            times[name].append(once(words))
    base_wall_s, base_cpu_s = (min(column) for column in zip(*times[BASE], strict=True))
    records = []
    for name, pairs in times.items():
        wall_s, cpu_s = (min(column) for column in zip(*pairs, strict=True))
        records.append(
            {
                "command": name,
                "wall_s": round(wall_s, 4),
                "cpu_s": round(cpu_s, 4),
                "wall_ratio": round(wall_s / base_wall_s, 1),
                "cpu_ratio": round(cpu_s / base_cpu_s, 1),
                "limit_s": LIMITS_S.get(name),
                "met": cpu_s < LIMITS_S[name] if name in LIMITS_S else None,
                "heavy": heavy(COMMANDS[name]),
            }
        )
    return records


def show(records: list[dict[str, Any]]) -> None:
    """Print the table."""
    print(f"{'command':28} {'wall s':>8} {'ratio':>7} {'CPU s':>8} {'ratio':>7} {'target':>8}  heavy imports")
    for r in records:
        target = "" if r["limit_s"] is None else f"< {r['limit_s']} {'met' if r['met'] else 'MISSED'}"
        numbers = f"{r['wall_s']:8.3f} {r['wall_ratio']:7.1f} {r['cpu_s']:8.3f} {r['cpu_ratio']:7.1f}"
        print(f"{r['command']:28} {numbers} {target:>8}  {', '.join(r['heavy']) or 'none'}")


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULT)
    given = parser.parse_args()
    records = measure(given.rounds)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    found = {"python": sys.version.split()[0], "rounds": given.rounds, "commands": records}
    given.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        show(records)
    return int(any(record["met"] is False for record in records))


if __name__ == "__main__":
    sys.exit(main())
