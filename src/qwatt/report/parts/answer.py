"""The first screen: what the life takes, what saves most today, and how far each stage's quantum is."""

from __future__ import annotations

from qwatt.report.first.best_levers import best_levers
from qwatt.report.first.figures import life_figures
from qwatt.report.first.headline import of_life, of_run
from qwatt.report.first.stages import joules, stage_cells
from qwatt.report.part import Part, fill
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part:
    """Return the answer: of a life where the subject has a projection, else of the run."""
    record = subject.record
    headline, stand = of_run(subject) if record is None else of_life(record)
    cells = stage_cells(subject)
    body = fill(
        "answer",
        headline=headline,
        stand=stand,
        warnings=[] if record is None else record["warnings"],
        figures=[] if record is None else life_figures(record),
        levers=None if record is None else best_levers(record),
        cells=cells if record is not None or _several(cells) else [],
        last_year=None if record is None else record["assumptions"]["years"][1],
        joules=joules,
        run=subject.folder is not None,
    )
    return Part("answer", "", body)


def _several(cells: list) -> bool:  # type: ignore[type-arg]
    return sum(cell.measured is not None for cell in cells) > 1
