"""Control: decisions at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Plan
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.reinforce.environment import Decide, Features
from qwatt.stages.tuning.reinforce.method import UntrainedMethod
from qwatt.stages.tuning.reinforce.problem import PolicyAnswer, ReinforceProblem
from qwatt.stages.tuning.reinforce.settings import COMMON, Setup, setup


@method
class RandomPolicy(UntrainedMethod):
    """Any action with the same chance: what a policy must be better than to have learnt anything."""

    name = "random"
    kind = Kind.CONTROL
    sources = ("chance",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON

    def decide(
        self, problem: ReinforceProblem, found: Setup, settings: Settings, context: Context
    ) -> tuple[Decide, int, dict[str, Any]]:
        """Return the trial's generator."""
        return self._drawn(found, context), 0, {}

    def restored(self, found: Setup, answer: PolicyAnswer, context: Context) -> Decide:
        """Return the trial's generator."""
        return self._drawn(found, context)

    def _drawn(self, found: Setup, context: Context) -> Decide:
        def decide(seen: Features) -> Any:
            actions = seen.shape[1] * found.environment.outputs
            return context.rng.integers(actions, size=len(seen)).astype(np.int64)

        return decide

    def plan(self, problem: ReinforceProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the candidates, and the steps of the pole."""
        judging = self.judging(problem)
        return Plan(run=judging, apply=judging, once=self.once(problem, setup(problem, settings)))
