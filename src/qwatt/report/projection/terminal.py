"""The projection's tables for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from qwatt.report.projection.amounts import chance
from qwatt.report.projection.distances import distance_number
from qwatt.report.projection.enhancements import chances, milestones
from qwatt.report.projection.filed import life_lines
from qwatt.report.projection.heat_map import shortened
from qwatt.report.projection.levers import TERMINAL_COLUMNS, headline, ordinary, terminal_row
from qwatt.report.projection.stages import stage_rows
from qwatt.report.table import console, print_table

STYLES = {"use now": "green", "pilot": "cyan", "watch": "yellow", "do not": ""}
FINDINGS = {"supported": "green", "contradicted": "red", "undecided": ""}


def print_projection(record: Mapping[str, Any]) -> None:
    """Print the levers, the verdicts with their chances, and the claims; the life is printed before."""
    _levers(record)
    _verdicts(record)
    _claims(record)
    counts = Counter(entry["verdict"] for entry in record["enhancements"])
    words = ", ".join(f"{count} {word}" for word, count in counts.items())
    console().print(f"verdicts: {words}", style="bold")


def print_life(record: Mapping[str, Any]) -> None:
    """Print warnings, life-cycle energy by stage, and what is filed beside it."""
    for warning in record["warnings"]:
        console().print(f"warning: {warning}", style="yellow", markup=False)
    _stages(record)
    for line in life_lines(record):
        console().print(line, markup=False)


def _stages(record: Mapping[str, Any]) -> None:
    rows = [
        [row.stage, *(" ".join((cell[0], f"({cell[1]})" if cell[1] else "")).strip() for cell in cells)]
        for row in stage_rows(record["stages"], record["total"])
        for cells in [(row.energy, row.share, row.carbon, row.money)]
    ]
    columns = ("stage", "facility energy", "share", "CO₂e", "money")
    print_table(f"What the life of {record['name']} takes", columns, rows, drop=("money", "CO₂e"))


def _levers(record: Mapping[str, Any]) -> None:
    found = ordinary(record["levers"])
    rows = [terminal_row(lever) for lever in found]
    styles = [STYLES[lever["verdict"]] for lever in found]
    title = "What saves energy today: the best lever of every task that needs no quantum computer"
    drop = ("assumed", "stage", "costs USD")
    print_table(title, TERMINAL_COLUMNS, rows, drop=drop, styles=styles)
    console().print(headline(record["levers"]), markup=False)


def _verdicts(record: Mapping[str, Any]) -> None:
    entries = record["enhancements"]
    first, last = record["assumptions"]["years"]
    shown = milestones(range(first, last + 1))
    rows = [
        [
            shortened(e["name"], 44),
            e["stage"],
            _rating(e),
            e["verdict"],
            distance_number(e["distance"]),
            e["limit"] or "none",
            *(chance(chances(e)[year]) for year in shown),
            chance(e["p_in_year"][last]),
        ]
        for e in entries
    ]
    by_year = tuple(f"P by {year}" for year in shown)
    far = f"10^x in {last}"
    columns = ("enhancement", "stage", "article", "verdict", far, "limit", *by_year, f"P in {last}")
    styles = [STYLES[entry["verdict"]] for entry in entries]
    title = (
        "Verdicts; article: time scale/potential; x: powers of ten over the best classical method's joules; "
        "P: probability of less energy than that, ever by a year or in that year"
    )
    print_table(title, columns, rows, drop=(*by_year[:-1], f"P in {last}", "article"), styles=styles)


def _rating(entry: Mapping[str, Any]) -> str:
    return f"{entry['article']['time_scale']}/{entry['article']['potential']}"


def _claims(record: Mapping[str, Any]) -> None:
    claims = record["claims"]
    rows = [[claim["finding"], claim["text"], claim["evidence"]] for claim in claims]
    styles = [FINDINGS[claim["finding"]] for claim in claims]
    columns = ("finding", "claim", "evidence")
    print_table("Claims beside what was found", columns, rows, drop=("evidence",), styles=styles)
