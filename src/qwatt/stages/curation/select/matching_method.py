"""What the matching methods share: features, a search over windows, the choice that it ends with."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.curation.select.features import KINDS, features
from qwatt.stages.curation.select.matching import Matching
from qwatt.stages.curation.select.method import COMMON, Notes, SelectMethod
from qwatt.stages.curation.select.problem import SelectAnswer, SelectProblem
from qwatt.stages.curation.select.windows import Solve, model_calls, search, window_count

FEATURES: dict[str, Sequence[Any]] = {"features": KINDS}


class MatchingMethod(SelectMethod):
    """Base: all begin with a random choice and differ in how they solve a window.

    Class attributes:
        width: most examples of a window.
    """

    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | FEATURES | {"sweeps": (2, 1)}
    stochastic: ClassVar[bool] = True
    width: ClassVar[int]

    @abstractmethod
    def solver(self, settings: Settings, context: Context) -> Solve:
        """Return what solves a window."""

    def window(self, context: Context) -> AbstractContextManager[None]:
        """Open the energy window of solving a window."""
        return context.phase(Ring.KERNEL, "solve")

    def choose(
        self, problem: SelectProblem, settings: Settings, context: Context
    ) -> tuple[SelectAnswer, Notes]:
        """Search, and score the chosen by what the match loses without them."""
        rows = features(problem, settings["features"], context)
        matching, solve = Matching(rows, problem.budget), self.solver(settings, context)

        def solved(*window: Any) -> Any:
            with self.window(context):
                return solve(*window)

        with context.phase(Ring.KERNEL, "search"):
            bits, values = search(matching, self.width, self.sweeps(settings), solved, context.rng)
            chosen = np.flatnonzero(bits)
            scores = matching.loss_without(chosen)
        notes = {"mismatch_at_random": values[0], "mismatch": values[-1], "windows": len(values) - 1}
        return SelectAnswer(chosen, scores, "what the match loses without it"), notes

    def search_effort(self, problem: SelectProblem, settings: Settings) -> Effort:
        """Return what the windows take beside their solutions: a model each, and the match after it."""
        wide, count = problem.pool.embedding.dimensions, self.windows(problem, settings)
        flop = 2.0 * count * wide * (len(problem.pool) + self.width**2)
        return Effort(work={"array_call": model_calls(count, self.width), "gemm_flop": flop})

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """Return the search; methods add what solves a window."""
        return self.search_effort(problem, settings)

    def sweeps(self, settings: Settings) -> int:
        """Return the number of sweeps."""
        return int(settings.get("sweeps", 1))

    def windows(self, problem: SelectProblem, settings: Settings) -> int:
        """Return the number of windows that a run solves."""
        return window_count(len(problem.pool), problem.budget, self.width, self.sweeps(settings))
