"""On how many seeds each method solved a task that is solved or not: a mean hides the seeds that failed."""

from __future__ import annotations

from collections.abc import Iterable

from qwatt.core.method_row import MethodRow

SOLVED = "solved"
"""The extra by which a trial says so, true or false."""


def solved_seeds(rows: Iterable[MethodRow]) -> str:
    """Return one sentence on all methods, empty where the task's trials do not say."""
    parts = []
    for row in rows:
        told = [bool(trial.extras[SOLVED]) for trial in row.trials if SOLVED in trial.extras]
        if told:
            parts.append(f"{row.label} {sum(told)} of {len(told)}")
    return f"Seeds solved: {', '.join(parts)}." if parts else ""
