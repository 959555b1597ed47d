"""What would have to be true of the nearest quantum levers, and when to look again."""

from __future__ import annotations

from collections.abc import Sequence

from qwatt.report.numbers import factor
from qwatt.report.part import Part, fill
from qwatt.report.projection.amounts import digits
from qwatt.report.projection.needs_text import again_text
from qwatt.report.projection.rows import Cell
from qwatt.report.subject import Record, Subject

SHOWN = 6
ALONE = (
    ("shot time", "faster shots"),
    ("watts per qubit", "less power"),
    ("error rate", "fewer errors"),
    ("read count", "fewer reads"),
    ("loading cost", "cheaper loading"),
    ("classical stagnation", "or classical stood still"),
)
"""What may get better, and the name of its column."""


def part(subject: Subject) -> Part | None:
    """Return the factors that are missing; None without a projection or without any distance."""
    if subject.record is None:
        return None
    last = subject.record["assumptions"]["years"][1]
    near = nearest(subject.record["enhancements"])
    if not near:
        return None
    columns = ("lever", f"too many joules in {last}", *(name for _, name in ALONE), "all together")
    lost = sum(_by_construction(entry) for entry in subject.record["enhancements"])
    again = [(entry["name"], again_text(entry)) for entry in near]
    rows = [_row(entry) for entry in near]
    return Part(
        "needs", "Would have to be true", fill("needs", columns=columns, rows=rows, again=again, lost=lost)
    )


def nearest(entries: Sequence[Record]) -> list[Record]:
    """Return the quantum levers with the least distance in the last year that a better QPU could help."""
    known = [
        (entry["distance"][max(entry["distance"])], entry)
        for entry in entries
        if entry["kind"] == "quantum" and entry["distance"] and entry["needs"] and not _by_construction(entry)
    ]
    numbered = [(power, entry) for power, entry in known if power is not None]
    return [entry for _, entry in sorted(numbered, key=lambda pair: pair[0])[:SHOWN]]


def _by_construction(entry: Record) -> bool:
    """Whether a quantum lever loses or ties even with a free QPU, in most futures or in the median one."""
    no_qpu = any(row["what"] == "any QPU" and row["target"] == "parity" for row in entry["needs"])
    return entry["kind"] == "quantum" and (no_qpu or entry["limit"] == "by construction")


def _row(entry: Record) -> list[Cell]:
    rows = [row for row in entry["needs"] if row["target"] == "parity"]
    alone = {row["what"]: row for row in rows if row["alone"]}
    missing = factor(10.0 ** entry["distance"][max(entry["distance"])])
    return [
        (entry["name"], entry["stage"]),
        (missing, f"limit: {entry['limit']}" if entry["limit"] else ""),
        *(_alone(alone.get(what)) for what, _ in ALONE),
        _together([row for row in rows if not row["alone"]]),
    ]


def _alone(row: Record | None) -> Cell:
    if row is None:
        return "–", ""
    return ("not alone", "") if row["factor"] is None else (f"÷\u00a0{factor(row['factor'])[:-1]}", "alone")


def _together(rows: Sequence[Record]) -> Cell:
    years = next((row["years"] for row in rows if row.get("years") is not None), None)
    host = next((row for row in rows if row["what"] == "host time"), None)
    remark = "" if host is None else f"and the host's calls ÷\u00a0{factor(host['factor'])[:-1]}"
    if years is None:
        why = next((row["why"] for row in rows if row["factor"] is None and row.get("why")), "")
        return ("not in a century" if why else "–"), remark
    return f"{digits(years)} more years", remark or "of the pace of the past"
