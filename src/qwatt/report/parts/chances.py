"""The chance of an advantage by stage, enhancement and year."""

from __future__ import annotations

from qwatt.report.layout import PHONE
from qwatt.report.part import Part, fill
from qwatt.report.projection.enhancements import heat
from qwatt.report.projection.heat_map import scale
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return the heat map; None without a projection."""
    if subject.record is None:
        return None
    entries = subject.record["enhancements"]
    drawn = {"picture": heat(entries), "narrow": heat(entries, PHONE)}
    keys = {"scale": scale(), "scale_narrow": scale(PHONE.width)}
    return Part("chances", "", fill("chances", **drawn, **keys))
