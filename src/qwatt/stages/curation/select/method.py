"""What all selections share: a budget, which the user may fix, and a choice as the answer."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort, Plan
from qwatt.core.errors import QwattError
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.stages.curation.select.problem import TASK, SelectAnswer, SelectProblem

COMMON: dict[str, Sequence[Any]] = {"budget": (0,)}
"""Examples to choose; 0 takes what the size says."""

Notes = dict[str, Any]


class SelectMethod(Method[SelectProblem, SelectAnswer]):
    """Base of the selections; one gives `choose`.

    Class attributes:
        embeds: whether it asks for the pool's sentence vectors.
    """

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON
    embeds: ClassVar[bool] = True

    @abstractmethod
    def choose(
        self, problem: SelectProblem, settings: Settings, context: Context
    ) -> tuple[SelectAnswer, Notes]:
        """Return `problem.budget` examples of the pool, in any order, and remarks for the record."""

    def run(self, problem: SelectProblem, settings: Settings, context: Context) -> Solution[SelectAnswer]:
        """Return the choice in the order of the pool."""
        if self.tunes and problem.pool.labels is not None:
            context.shared(Ring.OUTER, "embed_validation", problem.validation.embedding.embed)
        answer, notes = self.choose(with_budget(problem, settings), settings, context)
        order = np.argsort(answer.chosen)
        answer = replace(answer, chosen=answer.chosen[order], scores=answer.scores[order])
        return Solution(answer, notes=notes)

    def plan(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the host's work; the pool is embedded once, whatever the number of settings."""
        embedded = [problem.pool.embedding] if self.embeds else []
        if self.tunes and problem.pool.labels is not None:
            embedded.append(problem.validation.embedding)
        once = Effort.sum(Effort(work=embedding.work) for embedding in embedded)
        return Plan(self.effort(with_budget(problem, settings), settings, shots), once=once)

    @property
    def tunes(self) -> bool:
        """Whether there are settings to choose, for which validation examples must be embedded."""
        return math.prod(map(len, self.space.values())) > 1

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """Return what one setting takes beside embedding; a method that cannot say is measured only."""
        return Effort(work=None)


def with_budget(problem: SelectProblem, settings: Settings) -> SelectProblem:
    """Return the problem with the budget that the user fixed.

    Raises:
        QwattError: it is not between 1 and the pool's size.
    """
    budget = settings["budget"] or problem.budget
    if not 1 <= budget < len(problem.pool):
        what = f"{budget} examples cannot be chosen out of {len(problem.pool)}"
        raise QwattError(what, where="budget", mend=f"set budget from 1 to {len(problem.pool) - 1}")
    return replace(problem, budget=budget)
