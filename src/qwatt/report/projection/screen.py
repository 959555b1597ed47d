"""A projection on one screen of a terminal: what the life takes, the levers, and the verdicts by stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.core.quantity import Quantity
from qwatt.report.projection.amounts import with_interval
from qwatt.report.projection.distances import distance_number, last_distance
from qwatt.report.projection.levers import TERMINAL_COLUMNS, headline, ordinary, terminal_row
from qwatt.report.projection.stages import facility, stage_rows
from qwatt.report.projection.verdict_counts import counted_of
from qwatt.report.table import console, print_table

Record = Mapping[str, Any]
MOST_LEVERS = 5


def print_life_in_short(record: Record) -> None:
    """Print the warnings, a line a stage, and the whole with its interval."""
    for warning in record["warnings"]:
        console().print(f"warning: {warning}", style="yellow", markup=False)
    rows = [
        [row.stage, *(cell[0] for cell in (row.energy, row.share, row.carbon, row.money))]
        for row in stage_rows(record["stages"], record["total"])
    ]
    columns = ("stage", "facility energy", "share", "CO₂e", "money")
    print_table(f"What the life of {record['name']} takes", columns, rows, drop=("money", "CO₂e"))
    total = record["total"]
    parts = [Quantity.from_record(total[name]) for name in ("co2e_kg", "usd")]
    whole = "; ".join(map(with_interval, (facility(total), *parts)))
    console().print(f"whole life, with 90 % interval: {whole}", markup=False)


def print_in_short(record: Record) -> None:
    """Print the levers that save most, the verdicts by stage, and how the claims stand."""
    found = [terminal_row(lever) for lever in ordinary(record["levers"])[:MOST_LEVERS]]
    title = "What saves most energy today, of all that needs no quantum computer"
    print_table(title, TERMINAL_COLUMNS, found, drop=("assumed", "stage", "costs USD"))
    console().print(headline(record["levers"]), markup=False)
    columns = ("stage", "verdicts", "nearest to paying", f"10^x in {record['assumptions']['years'][1]}")
    title = "Verdicts on quantum enhancements; x: powers of ten over the best classical method's joules"
    print_table(title, columns, _by_stage(record["enhancements"]))
    findings = Counter(claim["finding"] for claim in record["claims"])
    words = ", ".join(f"{count} {finding}" for finding, count in findings.most_common())
    console().print(f"claims of the article and its sources: {words}", markup=False)
    if anchors := record["assumptions"]["anchors"]:
        cards = ", ".join(anchor["card"] for anchor in anchors)
        console().print(f"the run's trials anchor: {cards}", markup=False)


def _by_stage(entries: Sequence[Record]) -> list[list[str]]:
    """Return stage, verdicts, and the enhancement that is nearest to paying, with its distance."""
    rows = []
    for stage in dict.fromkeys(entry["stage"] for entry in entries):
        here = [entry for entry in entries if entry["stage"] == stage]
        known = {e["name"]: x for e in here if (x := last_distance(e["distance"])) is not None}
        nearest = min(known, key=lambda name: known[name], default=None)
        far: Mapping[int, float | None] = next((e["distance"] for e in here if e["name"] == nearest), {})
        verdicts = counted_of(here) or "no quantum method is known"
        rows.append([stage, verdicts, nearest or "none can be costed", distance_number(far)])
    return rows
