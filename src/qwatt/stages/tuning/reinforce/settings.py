"""Settings that all policies share: how fast they learn, on how many decisions, of which decoder's texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from qwatt.core.limits import Limit
from qwatt.core.method import Settings
from qwatt.language.decoder import MODEL_LIMITS, MODEL_SPACE, chosen_decoder
from qwatt.stages.tuning.reinforce.cartpole import CartPole
from qwatt.stages.tuning.reinforce.continuations import Continuations
from qwatt.stages.tuning.reinforce.problem import ReinforceProblem

COMMON: dict[str, Sequence[Any]] = {**MODEL_SPACE, "steps": (0,), "reuploads": (0,)}
"""For the user to fix, for all policies at once; "auto" and 0 take what the size of the problem says.

`model` continues the prompts. `steps` are decisions in training. `reuploads` make the circuit, whose
number of parameters the MLP has.
"""
LEARNT: dict[str, Sequence[Any]] = {"learning_rate": (0.03, 0.01, 0.1), **COMMON}
LIMITS: dict[str, Limit] = {
    **MODEL_LIMITS,
    "learning_rate": (1e-6, 10.0),
    "steps": (0, 100_000_000),
    "reuploads": (0, 20),
}


@dataclass(frozen=True)
class Setup:
    """One choice of the settings, on a problem.

    Args:
        environment: copies of it.
        updates: in training.
        segment: steps between two of them.
        reuploads: of the policy's circuit.
        items: rows that a policy reads for one decision.
    """

    environment: CartPole | Continuations
    updates: int
    segment: int
    reuploads: int
    items: int

    @property
    def decisions(self) -> int:
        """Decisions in training, of all copies."""
        return self.updates * self.segment * self.environment.copies


def setup(problem: ReinforceProblem, settings: Settings) -> Setup:
    """Return what settings mean on a problem.

    Raises:
        QwattError: no such decoder, or too little text.
    """
    found = environment("" if problem.pole else chosen_decoder(settings, problem.decoder), problem)
    budget = problem.budget
    updates = max(1, int(settings["steps"] or budget.steps) // (budget.segment * found.copies))
    items = 1 if problem.pole else budget.candidates
    return Setup(found, updates, budget.segment, int(settings["reuploads"] or problem.reuploads), items)


@lru_cache(maxsize=2)
def environment(decoder: str, problem: ReinforceProblem) -> CartPole | Continuations:
    """Return the environment of a problem; its methods share it."""
    if problem.pole:
        return CartPole(problem.budget.horizon, problem.seed)
    return Continuations(decoder, problem)
