"""A policy in use: logits of all actions, an action drawn or the best one taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.stages.tuning.reinforce.environment import Actions, Features
from qwatt.stages.tuning.reinforce.problem import State

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@dataclass(frozen=True, eq=False)
class Policy:
    """A module from (rows, features) to (rows, outputs), read as logits of actions.

    Args:
        module: of torch.
    """

    module: Any

    def logits(self, seen: torch.Tensor) -> torch.Tensor:
        """Return logits (copies, actions): of one item its outputs, of several one output each."""
        copies, items, features = seen.shape
        found: torch.Tensor = self.module(seen.reshape(copies * items, features))
        return found.reshape(copies, -1)

    def draw(self, seen: Features, rng: np.random.Generator) -> Actions:
        """Return actions drawn from the softmax."""
        with torch.no_grad():
            chances = torch.softmax(self.logits(torch.from_numpy(seen)).double(), 1).numpy()
        points = rng.random((len(chances), 1))
        found: Actions = np.minimum((chances.cumsum(1) < points).sum(1), chances.shape[1] - 1)
        return found

    def best(self, seen: Features) -> Actions:
        """Return the likeliest actions."""
        with torch.no_grad():
            found: Actions = self.logits(torch.from_numpy(seen)).argmax(1).numpy()
        return found

    def trained(self) -> list[torch.nn.Parameter]:
        """Return what is trained."""
        return [weights for weights in self.module.parameters() if weights.requires_grad]

    def state(self) -> State:
        """Return the module's numbers."""
        return {name: tensor.detach().numpy().copy() for name, tensor in self.module.state_dict().items()}

    def load(self, state: State) -> None:
        """Take numbers that `state` returned."""
        self.module.load_state_dict(
            {name: torch.from_numpy(np.array(array)) for name, array in state.items()}
        )
