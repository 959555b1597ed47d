"""What an environment is: several copies at once, of which each takes one decision a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.tuning.reinforce.problem import Outcome

Features = NDArray[np.float32]
"""What a policy reads, shape (copies, items, features): one item, or one for each candidate."""
Actions = NDArray[np.int64]
"""Numbers of the chosen actions, shape (copies,)."""
Step = tuple[Features, NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]
"""The next features, rewards, whether an episode ended, and whether the decision counted."""
Decide = Callable[[Features], Actions]
"""A policy that is judged, not trained."""


class Environment(Protocol):
    """Copies of an environment; `features` numbers an item, `outputs` logits of each."""

    features: int
    outputs: int
    copies: int

    def start(self, seed: int) -> Features:
        """Begin anew."""
        ...

    def step(self, actions: Actions) -> Step:
        """Take a decision in every copy."""
        ...

    def judge(self, decide: Decide, part: str) -> Outcome:
        """Return how a policy does in "validation" or "test"; the number of decisions is always the same."""
        ...

    def judged_decisions(self, part: str) -> int:
        """Return that number."""
        ...
