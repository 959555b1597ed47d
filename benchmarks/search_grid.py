"""Train every point of a search space once, and write the table that `architecture/search` looks them up in.

    python benchmarks/search_grid.py [NAME ...]

NAME is one of `qwatt.stages.architecture.search.sources.TRAININGS`. Trainings run one after
the other in one thread, at every share of a full training, each within an energy window of its own. What is
written says on which machine and when. Where no sensor is readable, joules are CPU time times the watts of a
vCPU; memory, which is charged by wall time, is then left out, so that a loaded machine is tolerable. A table
that was begun is gone on with: trainings are kept as they end.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy and torch are imported

import argparse
import datetime
import json
import platform
from pathlib import Path
from typing import Any

from qwatt.core.quantity import Quantity
from qwatt.core.threads import one_thread
from qwatt.energy.meter import Meter, Window
from qwatt.stages.architecture.search.sources import TRAININGS
from qwatt.stages.architecture.search.trainings.live import RUNGS, Training, read_losses

FOLDER = Path(__file__).parents[1] / "src/qwatt/stages/architecture/search/trainings/tables"
SEED = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", default=["decoder", "digits"], help="trainings")
    for name in parser.parse_args().names:
        training = TRAININGS[name]()
        begun = FOLDER / f"{name}.begun.jsonl"
        rows = fill(training, begun)
        record = table(training, rows)
        (FOLDER / f"{name}.json").write_text(written(record), "utf-8")
        begun.unlink()


def fill(training: Training, begun: Path) -> list[dict[str, Any]]:
    """Return a row for each point, those of an interrupted call included."""
    rows = [json.loads(line) for line in begun.read_text("utf-8").splitlines()] if begun.exists() else []
    meter = Meter()
    with one_thread():
        training.function(training.space.settings(0), budget=training.warm_up or RUNGS[0], seed=SEED)
        for point in range(len(rows), training.space.size):
            rows.append({"point": point, "trainings": [one(training, point, b, meter) for b in RUNGS]})
            with begun.open("a", encoding="utf-8") as file:
                file.write(json.dumps(rows[-1]) + "\n")
            print(f"{point + 1} of {training.space.size}", flush=True)
    return rows


def one(training: Training, point: int, budget: float, meter: Meter) -> dict[str, Any]:
    """Train once, measured."""
    with meter.window("training") as window:
        found = training.function(training.space.settings(point), budget=budget, seed=SEED)
    outcome = read_losses(found, training.name)
    return {
        "loss": outcome.loss,
        "held_back": outcome.held_back,
        "energy": spent(window, meter).to_record(),
        "cpu_s": window.cpu_seconds,
        "date": datetime.date.today().isoformat(),
    }


def spent(window: Window, meter: Meter) -> Quantity:
    """Return the joules of a training."""
    sensor = any(reader.is_sensor for reader in meter.readers)
    return window.energy if sensor else window.readings["cpu_time"]


def table(training: Training, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the table's record; a training without a finite loss is a mistake of the space."""
    first = Quantity.from_record(rows[0]["trainings"][0]["energy"])
    dates = sorted({t["date"] for row in rows for t in row["trainings"]})
    every = [[Quantity.from_record(t["energy"]).interval for t in row["trainings"]] for row in rows]
    return {
        "about": training.about,
        "recipe": f"make search-grid, or python benchmarks/search_grid.py {training.name}; seed {SEED}",
        "measured": f"{dates[-1]}, {processor()}, one thread, {first.basis.value}",
        "unit": training.unit,
        "basis": first.basis.value,
        "boundary": first.boundary.value if first.boundary else None,
        "choices": [
            {"name": choice.name, "kind": choice.kind, "values": list(choice.values)}
            for choice in training.space.choices
        ],
        "rungs": list(RUNGS),
        "losses": [[digits(t["loss"]) for t in row["trainings"]] for row in rows],
        "held_back": [digits(row["trainings"][-1]["held_back"]) for row in rows],
        "energy_j": [[[digits(joules) for joules in interval] for interval in row] for row in every],
        "seconds": [[digits(t["cpu_s"]) for t in row["trainings"]] for row in rows],
    }


def digits(number: float) -> float:
    return float(f"{number:.6g}")


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def written(record: dict[str, Any]) -> str:
    """Return JSON with a line for each entry of a list, so that changes can be read."""
    parts = []
    for name, value in record.items():
        if isinstance(value, list):
            lines = ",\n  ".join(json.dumps(entry) for entry in value)
            parts.append(f'"{name}": [\n  {lines}\n]')
        else:
            parts.append(f'"{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
