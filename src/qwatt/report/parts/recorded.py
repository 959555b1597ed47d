"""What stretches of the user's own work took, as they were recorded."""

from __future__ import annotations

from qwatt.core.energy_log import read_energy
from qwatt.report.part import Part, fill
from qwatt.report.recorded import COLUMNS, cells, sentences
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return a line a stretch, with its parts; None where nothing was recorded."""
    found = read_energy(subject.folder.path) if subject.folder is not None else None
    if found is None or not found.rows:
        return None
    rows = [(cells(row), [cells(p) for p in found.rows if p.part_of == row.id]) for row in found.whole]
    body = fill("recorded", columns=COLUMNS, rows=rows, sentences=sentences(found))
    return Part("recorded", "Recorded", body)
