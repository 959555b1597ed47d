"""Control: a random choice."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.method import Notes, SelectMethod
from qwatt.stages.curation.select.problem import SelectAnswer, SelectProblem


@method
class RandomChoice(SelectMethod):
    """Shows what the budget is worth when nothing chose; it needs no embedding, and so next to no energy."""

    name: ClassVar[str] = "random"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("random choice",)
    embeds: ClassVar[bool] = False

    def choose(
        self, problem: SelectProblem, settings: Settings, context: Context
    ) -> tuple[SelectAnswer, Notes]:
        """Draw without replacement."""
        with context.phase(Ring.KERNEL, "choose"):
            drawn = context.rng.choice(len(problem.pool), problem.budget, replace=False).astype(np.int64)
        return SelectAnswer(drawn, np.zeros(len(drawn)), "none: drawn at random"), {}

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """Return nothing worth counting."""
        return Effort()
