"""The engine against its peers and against the machine: `make bench-engine`.

Every candidate works in its own process on one thread; the processes are visited in turn, so that all see the
same load; the number is process CPU time (the median over visits of the median over calls), which other
programs on the machine disturb little. Values are compared before times are. A missed target is printed as
missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from rich.console import Console
from rich.table import Table

from engine_peers.curves import draw, panels
from engine_peers.rounds import Candidate, measure
from engine_peers.table import FLOOR, QWATT, TOLERANCE, Verdict, Work, verdicts, works
from engine_peers.work import Size

RESULTS = Path(__file__).parent / "results"
PACKAGES = (
    "torch",
    "numpy",
    "pennylane",
    "pennylane-lightning",
    "jax",
    "tensorcircuit-ng",
    "qulacs",
    "qiskit-aer",
    "prism-q",
    "panta-sim",
)


def main() -> None:
    options = _options()
    console = Console(width=150)
    record = _opened(options)
    if options.part != "curves":
        done = {work.title: work for work in _kept(record)} if options.only else {}
        done |= {work.title: work for work in _measured(options, console)}
        whole = options.device == "cpu" and {work.title for work in works(options.quick)} <= done.keys()
        judged = verdicts(done) if whole and not options.quick else []
        console.print(
            _targets(judged) if judged else "no target was judged: they are for all full sizes on a CPU"
        )
        record |= {
            "rounds": options.rounds,
            "work": [_work_record(work) for work in done.values()],
            "targets": [vars(verdict) for verdict in judged],
        }
        _save(record, options.out)
    if options.part != "table" and not options.quick:
        record["curves"] = panels(options.cap_s, options.limit_s)
        _save(record, options.out)
    if options.out and record.get("curves"):
        draw(record["curves"], options.out.with_suffix(".svg"))


def _measured(options: argparse.Namespace, console: Console) -> Iterator[Work]:
    for work in works(options.quick):
        if options.only and work.title not in options.only:
            continue
        if options.device != "cpu":
            work.candidates = [c for c in work.candidates if c.name in (QWATT, FLOOR)]
        console.print(f"[bold]{work.title}[/bold]  {work.size}")
        measure(work.candidates, work.size, options.rounds, options.visit_s, options.limit_s)
        console.print(_table(work))
        yield work


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, one round, no curves, nothing written"
    )
    parser.add_argument(
        "--rounds", type=int, help="interleaved visits of each candidate (default 5, quick 1)"
    )
    parser.add_argument("--visit-s", type=float, default=0.5, help="CPU seconds of one visit")
    parser.add_argument(
        "--limit-s", type=float, default=240, help="wall seconds after which a candidate is given up"
    )
    parser.add_argument("--cap-s", type=float, default=8, help="CPU seconds of a first call that end a curve")
    parser.add_argument(
        "--part", choices=("all", "table", "curves"), default="all", help="a part keeps the file's other part"
    )
    parser.add_argument(
        "--only", action="append", help="title of a work to measure anew; the file keeps the others"
    )
    parser.add_argument("--device", default="cpu", help="cpu, or cuda: qwatt and the floor only, wall time")
    parser.add_argument("--out", type=Path, help="JSON file (default benchmarks/results/engine.json)")
    options = parser.parse_args()
    options.part = "table" if options.only else options.part
    options.rounds = options.rounds or (1 if options.quick else 5)
    if options.out is None and not options.quick:
        name = "engine.json" if options.device == "cpu" else f"engine-{options.device}.json"
        options.out = RESULTS / name
    os.environ["QWATT_BENCH_DEVICE"] = options.device
    return options


def _table(work: Work) -> Table:
    table = Table("candidate", "CPU s", "times qwatt", "first call CPU s", "step MB", "deviation", "note")
    own = work.candidate(QWATT).cpu_s
    for candidate in work.candidates:
        seconds, note = candidate.cpu_s, candidate.error or ""
        if (candidate.deviation or 0.0) > TOLERANCE:
            note = "DIFFERS: not counted"
        elif candidate.scale != 1.0:
            note = f"timed work times {candidate.scale:g}"
        table.add_row(
            candidate.name,
            _number(seconds),
            _number(seconds / own if seconds and own else None),
            _number(candidate.first_s),
            _number(candidate.step_mb),
            _number(candidate.deviation),
            note,
        )
    return table


def _targets(judged: list[Verdict]) -> Table:
    table = Table("target", "asked", "measured", "holds")
    for verdict in judged:
        holds = {True: "[green]yes[/green]", False: "[red]NO[/red]", None: "unknown"}[verdict.holds]
        table.add_row(verdict.what, verdict.asked, verdict.measured, holds)
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _opened(options: argparse.Namespace) -> dict:
    """Return the head of the record; when only a part is measured, with the other part as it was."""
    old = options.part != "all" and options.out and options.out.exists()
    return (json.loads(options.out.read_text()) if old else {}) | {
        "date": time.strftime("%Y-%m-%d"),
        "machine": _machine(options.device),
        "packages": {name: _version(name) for name in PACKAGES},
        "method": " ".join((__doc__ or "").split("\n\n")[1].split()),
    }


def _kept(record: dict) -> Iterator[Work]:
    """Rebuild the work of a record."""
    names = {field.name for field in fields(Candidate)}
    for old in record.get("work", []):
        found = [Candidate(**{k: v for k, v in c.items() if k in names}) for c in old["candidates"]]
        work = Work(old["title"], old["kind"], Size(**old["size"]), ())
        work.candidates = found
        yield work


def _work_record(work: Work) -> dict:
    return {
        "title": work.title,
        "kind": work.kind,
        "size": vars(work.size),
        "candidates": [candidate.record() for candidate in work.candidates],
    }


def _save(record: dict, path: Path | None) -> None:
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record, indent=1) + "\n")


def _machine(device: str) -> dict:
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    machine = {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
    }
    if device != "cpu":
        import torch

        machine["device"] = torch.cuda.get_device_name()
    return machine


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
