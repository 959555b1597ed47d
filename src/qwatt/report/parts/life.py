"""What the life takes, stage by stage, as a picture and as a table."""

from __future__ import annotations

from qwatt.report.layout import PHONE
from qwatt.report.part import Part, fill
from qwatt.report.projection.filed import life_lines
from qwatt.report.projection.stages import stage_picture, stage_rows
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return the life's energy, carbon and money by stage; None without a projection."""
    record = subject.record
    if record is None or subject.projection is None:
        return None
    body = fill(
        "life",
        picture=stage_picture(record["stages"]),
        narrow=stage_picture(record["stages"], PHONE),
        stages=stage_rows(record["stages"], record["total"]),
        lines=life_lines(record),
        plausible=subject.projection.cycle.to_record()["plausible"],
    )
    return Part("life", "Life", body)
