"""What a search gets, a space and an objective; and what it answers, a point with all that was tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qwatt.core.problem import Problem
from qwatt.stages.architecture.search.space import Space
from qwatt.stages.architecture.search.trainings.objective import Objective

TASK = "architecture/search"


@dataclass(frozen=True, eq=False)
class SearchProblem(Problem):
    """Settings to choose within a number of trainings.

    Args:
        objective: trains points.
        trainings: full trainings that a search may ask for.
        start: points that every search tries first, so that all begin with the same knowledge.
    """

    objective: Objective
    trainings: int
    start: tuple[int, ...]

    @property
    def space(self) -> Space:
        """What may be chosen."""
        return self.objective.space


@dataclass(frozen=True)
class Tried:
    """One training that a search asked for.

    Args:
        point: its number.
        rung: which share of a full training.
        loss: on validation data; None where it failed.
        energy_j: its joules, or None where they are unknown.
        error: why it failed.
    """

    point: int
    rung: int
    loss: float | None
    energy_j: float | None
    error: str | None = None


@dataclass(frozen=True)
class SearchAnswer:
    """What was found.

    Args:
        point: number of the chosen one.
        settings: its values by name.
        loss: on validation data.
        held_back: on data that no search saw; None where trainings give none.
        tried: all trainings, in order.
        stopped: why the search ended.
    """

    point: int
    settings: dict[str, Any]
    loss: float
    held_back: float | None
    tried: tuple[Tried, ...]
    stopped: str
