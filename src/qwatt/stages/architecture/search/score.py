"""How good the chosen settings are: their held-back loss, and where a table tells, what was missed."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from qwatt.core.problem import Quality
from qwatt.stages.architecture.search.problem import SearchAnswer, SearchProblem
from qwatt.stages.architecture.search.trainings.table import Table, Tabular

TOP = 0.01
"""The share of a table's points that counts as found."""


def found_quality(problem: SearchProblem, answer: SearchAnswer) -> Quality:
    """Return the held-back loss of the chosen point; the validation loss where trainings give no other."""
    objective = problem.objective
    energies = [one.energy_j for one in answer.tried]
    spent = None if any(joules is None for joules in energies) else sum(filter(None, energies))
    extras: dict[str, Any] = {
        "settings": answer.settings,
        "validation_loss": answer.loss,
        "held_back": answer.held_back is not None,
        "unit": objective.unit,
        "points": problem.space.size,
        "trainings": sum(objective.rungs[one.rung] for one in answer.tried),
        "failed": sum(one.loss is None for one in answer.tried),
        "training_energy_j": spent,
    }
    if extras["failed"]:
        extras["failures"] = dict(
            Counter(one.error for one in answer.tried if one.loss is None).most_common(3)
        )
    if isinstance(objective, Tabular):
        extras |= regret(objective.table, answer)
    return Quality(answer.loss if answer.held_back is None else answer.held_back, extras)


def regret(table: Table, answer: SearchAnswer) -> dict[str, Any]:
    """Return how far the chosen point is from the table's best, and what the best 1 % took to be found.

    `rank` is 1 for the least validation loss. Trainings and joules `to_top` are those up to the first point
    of the best 1 %, None where none was found.
    """
    losses = table.losses[:, -1]
    level = np.sort(losses)[math.ceil(TOP * len(losses)) - 1]
    shares = np.cumsum([table.rungs[one.rung] for one in answer.tried])
    joules = np.cumsum([one.energy_j or 0.0 for one in answer.tried])
    full = len(table.rungs) - 1
    hits = [
        i
        for i, one in enumerate(answer.tried)
        if one.rung == full and one.loss is not None and one.loss <= level
    ]
    return {
        "regret": answer.loss - float(losses.min()),
        "rank": 1 + int((losses < answer.loss).sum()),
        "trainings_to_top": float(shares[hits[0]]) if hits else None,
        "energy_j_to_top": float(joules[hits[0]]) if hits else None,
    }
