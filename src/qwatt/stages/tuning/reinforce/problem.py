"""What reinforcement learning gets, an environment and a budget; and what it answers, a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.text_parts import Parts

TASK = "tuning/reinforce"
CARTPOLE = "cartpole"

State = Mapping[str, NDArray[Any]]
"""Weights by name."""


@dataclass(frozen=True)
class Budget:
    """What every method gets.

    Args:
        steps: decisions in training, over all environments.
        segment: decisions in a row between two updates.
        horizon: decisions after which an episode has succeeded; of a pole.
        prompts: texts that are continued, to train, to choose settings by and to judge by.
        candidates: continuations of each.
        length: tokens of a prompt, and of a continuation.
    """

    steps: int
    segment: int
    horizon: int
    prompts: tuple[int, int, int]
    candidates: int
    length: tuple[int, int]


@dataclass(frozen=True, eq=False)
class ReinforceProblem(Problem):
    """An environment to act in.

    Args:
        parts: texts whose beginnings are prompts; None for text like the decoder's own, and for the pole.
        decoder: what continues them: its name, or its folder.
        budget: of decisions.
        qubits: features of a state, where the environment does not say.
        reuploads: of the policy's circuit, which others have as many parameters as.
    """

    parts: Parts | None
    decoder: str
    budget: Budget
    qubits: int
    reuploads: int

    @property
    def pole(self) -> bool:
        """Whether a pole is balanced; otherwise a decoder's continuations are chosen among."""
        return self.source == CARTPOLE


@dataclass(frozen=True)
class Outcome:
    """How a policy did in a part.

    Args:
        reward: mean of an episode, of the highest possible.
        by_chance: that of deciding at random.
        target: what counts as solved.
        decisions: how many were taken.
    """

    reward: float
    by_chance: float
    target: float
    decisions: int


@dataclass(frozen=True)
class PolicyAnswer:
    """A policy as data.

    Args:
        method: name of the method that trained it.
        parameters: trained ones.
        state: the policy's numbers.
        curve: reward of an episode in training, by update: all rewards over the episodes that ended.
        validation: in the validation part.
        test: in the held-back part; None until the policy is applied.
        decoder: whose weights `state` holds, where the decoder itself was tuned.
    """

    method: str
    parameters: int
    state: State = field(repr=False)
    curve: NDArray[np.float32] = field(repr=False)
    validation: Outcome
    test: Outcome | None = None
    decoder: str = ""
