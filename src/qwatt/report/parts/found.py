"""What the run found and what its user takes away, task by task."""

from __future__ import annotations

from qwatt.report.part import Part, fill
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return the results of the run's tasks; None where there is no run."""
    if not subject.comparisons:
        return None
    found = {id(result.comparison): result for result in subject.results}
    tasks = [(c, subject.anchors[id(c)], found.get(id(c))) for c in subject.comparisons]
    return Part("found", "", fill("found", tasks=tasks))
