"""How far each quantum lever is from paying: the ruler, and near or worth much."""

from __future__ import annotations

from qwatt.report.layout import PHONE, Layout
from qwatt.report.part import Part, fill
from qwatt.report.projection.near_or_worth import near_or_worth
from qwatt.report.projection.ruler import far_of, limits_note, ruler
from qwatt.report.subject import Subject

SCATTER_PHONE = Layout(358, 44, 350, letters=20)


def part(subject: Subject) -> Part | None:
    """Return ruler and scatter; None without a projection."""
    if subject.record is None:
        return None
    far = far_of(subject.record["enhancements"])
    body = fill(
        "distance",
        ruler=ruler(far),
        ruler_narrow=ruler(far, PHONE),
        scatter_narrow=near_or_worth(far, SCATTER_PHONE),
        scatter=near_or_worth(far),
        limits=limits_note(far),
        last_year=subject.record["assumptions"]["years"][1],
    )
    return Part("distance", "Distance", body)
