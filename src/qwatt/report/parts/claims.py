"""The claims of the article and of the works it cites, held against the numbers."""

from __future__ import annotations

from qwatt.report.part import Part, fill
from qwatt.report.projection.rows import ClaimRow
from qwatt.report.subject import Record, Subject


def part(subject: Subject) -> Part | None:
    """Return the audit of claims; None without a projection."""
    if subject.record is None:
        return None
    return Part("claims", "Claims", fill("claims", claims=[_row(c) for c in subject.record["claims"]]))


def _row(claim: Record) -> ClaimRow:
    evidence = claim["evidence"]
    if claim["kind"] == "row":
        parts = f"time scale {claim['time_scale_finding']}, potential {claim['potential_finding']}"
        evidence = f"{parts}; {evidence}"
    return ClaimRow(claim["text"], claim["source"], claim["finding"], evidence)
