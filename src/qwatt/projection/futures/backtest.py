"""The growth law fitted to machines before a year, and held against the machines that came after."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.projection.futures.drawn import tables

SPLIT = 2024.0
TAIL = 1.2816
"""Standard deviations of the 10 % and 90 % ends of a prediction."""

MachineRecord = Mapping[str, Any]


def backtest(split: float = SPLIT) -> dict[str, Any]:
    """Return what data before `split` predict for the machines after it, and how often they are right.

    Every vendor's doubling (or halving) time before the split is one sample of a log-normal law; a prediction
    starts at the vendor's last machine before the split and holds 80 % of the law.

    Returns:
        {split, nominal, coverage, qubits {years, sigma, coverage}, error {...}, predictions: [{vendor, year,
        what, low, median, high, actual, inside}]}.
    """
    machines: list[MachineRecord] = tables()["history"]["machines"]
    parts = {what: _predictions(machines, what, sign, split) for what, sign in (("qubits", 1), ("error", -1))}
    every = [row for part in parts.values() for row in part["predictions"]]
    return {
        "split": split,
        "nominal": 0.8,
        "coverage": _coverage(every),
        **{
            what: {key: part[key] for key in ("years", "sigma")}
            | {"coverage": _coverage(part["predictions"])}
            for what, part in parts.items()
        },
        "predictions": every,
    }


def _predictions(machines: Sequence[MachineRecord], what: str, sign: int, split: float) -> dict[str, Any]:
    vendors = list(dict.fromkeys(row["vendor"] for row in machines))
    before = {v: [r for r in machines if r["vendor"] == v and r["year"] < split] for v in vendors}
    logs = [math.log(years) for rows in before.values() if (years := _years(rows, what, sign)) is not None]
    centre, sigma = statistics.mean(logs), statistics.stdev(logs)
    found = [
        _prediction(before[row["vendor"]][-1], row, what, sign, centre, sigma)
        for row in machines
        if row["year"] >= split
    ]
    return {"years": math.exp(centre), "sigma": sigma, "predictions": found}


def _years(rows: Sequence[MachineRecord], what: str, sign: int) -> float | None:
    """Return the doubling time of a vendor's first to last machine (halving for sign -1)."""
    if len(rows) < 2:
        return None
    first, last = rows[0], rows[-1]
    doublings = sign * math.log2(last[what]["value"] / first[what]["value"])
    return float(last["year"] - first["year"]) / doublings if doublings > 0 else None


def _prediction(
    last: MachineRecord, row: MachineRecord, what: str, sign: int, centre: float, sigma: float
) -> dict[str, Any]:
    past = row["year"] - last["year"]
    ends = sorted(
        last[what]["value"] * 2.0 ** (sign * past / math.exp(centre + k * sigma)) for k in (-TAIL, 0.0, TAIL)
    )
    actual = row[what]["value"]
    return {
        "vendor": row["vendor"],
        "year": row["year"],
        "what": what,
        "low": ends[0],
        "median": ends[1],
        "high": ends[2],
        "actual": actual,
        "inside": ends[0] <= actual <= ends[2],
    }


def _coverage(rows: Sequence[MachineRecord]) -> float:
    return sum(bool(row["inside"]) for row in rows) / len(rows)
