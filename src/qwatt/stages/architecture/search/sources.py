"""From a source's name to a problem: a table of trainings, a live training, or the user's own function."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from qwatt.core.errors import unknown_name
from qwatt.stages.architecture.search.problem import TASK, SearchProblem
from qwatt.stages.architecture.search.trainings import decoder, digits, flights
from qwatt.stages.architecture.search.trainings.live import Live, Training
from qwatt.stages.architecture.search.trainings.objective import Objective
from qwatt.stages.architecture.search.trainings.table import Tabular, load_table, table_names
from qwatt.stages.architecture.search.trainings.user_function import load_training

TABLE = "builtin:"
LIVE = "live:"
OWN = "train:"

TRAININGS: dict[str, Callable[[], Training]] = {
    "decoder": decoder.training,
    "digits": digits.training,
    "flights": flights.training,
}
"""Real trainings by name; `benchmarks/search_grid.py` makes tables of them."""


def load_problem(source: str, size: str, rung: Mapping[str, int], seed: int) -> SearchProblem:
    """Return a problem of "builtin:TABLE", "live:TRAINING" or "train:module:function".

    Args:
        source: where trainings come from.
        size: name of the rung.
        rung: `trainings`, and how many of them are the common start.
        seed: of the start, and of live trainings.

    Raises:
        QwattError: no such table or training, or the function cannot be used.
    """
    objective = _objective(source, seed)
    space = objective.space
    trainings = min(rung["trainings"], space.size)
    start = space.design(min(rung["start"], trainings), np.random.default_rng([seed, 11]))
    return SearchProblem(TASK, source, size, seed, objective, trainings, tuple(start))


def _objective(source: str, seed: int) -> Objective:
    if source.startswith(OWN):
        return Live(load_training(source.removeprefix(OWN)), seed)
    if source.startswith(TABLE) and source.removeprefix(TABLE) in table_names():
        return Tabular(load_table(source.removeprefix(TABLE)))
    if source.startswith(LIVE) and source.removeprefix(LIVE) in TRAININGS:
        return Live(TRAININGS[source.removeprefix(LIVE)](), seed)
    known = [f"{TABLE}{name}" for name in table_names()] + [f"{LIVE}{name}" for name in TRAININGS]
    raise unknown_name("source of trainings", source, [*known, f"{OWN}module:function"])
