"""The pole on a cart (gymnasium's CartPole-v1): two actions, one point for each step that it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.tuning.reinforce.environment import Actions, Decide, Features, Step
from qwatt.stages.tuning.reinforce.problem import Outcome

if TYPE_CHECKING:
    import gymnasium
else:
    gymnasium = lazy("gymnasium")

_SCALES = np.array([2.4, 2.5, 0.21, 2.5], dtype=np.float32)
"""Where the cart leaves the track and the pole has fallen, and usual speeds: features are of size 1."""
_COPIES, _JUDGED = 16, 16
_SEEDS = {"validation": 1_000_003, "test": 2_000_003}
SOLVED = 0.95
"""475 of 500 steps, as CartPole-v1 has it."""


class CartPole:
    """Poles side by side; a fallen one is put up again.

    Args:
        horizon: steps after which an episode has succeeded.
        seed: of the problem, from which those of the parts are made.
    """

    features, outputs, copies = 4, 2, _COPIES

    def __init__(self, horizon: int, seed: int) -> None:
        self.horizon, self.seed = horizon, seed
        self._poles = self._made(_COPIES)
        self._ended = np.zeros(_COPIES, dtype=np.bool_)

    def start(self, seed: int) -> Features:
        """Put all poles up."""
        self._ended[:] = False
        return _scaled(self._poles.reset(seed=seed)[0])

    def step(self, actions: Actions) -> Step:
        """Push all carts; the decision after an end does not count: gymnasium puts the pole up with it."""
        counted = ~self._ended
        seen, rewards, fallen, over, _ = self._poles.step(actions)
        self._ended = fallen | over
        return _scaled(seen), np.asarray(rewards, dtype=np.float32), self._ended, counted

    def judge(self, decide: Decide, part: str) -> Outcome:
        """Return the steps of an episode, of the horizon, of so many poles over one horizon each.

        Poles that fall are put up again until the horizon is over: the mean is steps over episodes begun.
        """
        reward = self._steps_of_episode(decide, part)
        rng = np.random.default_rng([self.seed, 31])
        chance = self._steps_of_episode(lambda seen: rng.integers(2, size=len(seen)), part)
        return Outcome(reward, chance, SOLVED, self.judged_decisions(part))

    def judged_decisions(self, part: str) -> int:
        """Return poles times steps."""
        return _JUDGED * self.horizon

    def _steps_of_episode(self, decide: Decide, part: str) -> float:
        poles = self._made(_JUDGED)
        seen, _ = poles.reset(seed=_SEEDS[part] + self.seed)
        steps, episodes, ended = 0, _JUDGED, np.zeros(_JUDGED, dtype=np.bool_)
        for _ in range(self.horizon):
            seen, _, fallen, over, _ = poles.step(decide(_scaled(seen)))
            steps += int((~ended).sum())
            episodes += int(ended.sum())
            ended = fallen | over
        return steps / episodes / self.horizon

    def _made(self, copies: int) -> Any:
        return gymnasium.make_vec(
            "CartPole-v1",
            num_envs=copies,
            vectorization_mode="vector_entry_point",
            max_episode_steps=self.horizon,
        )


def _scaled(seen: NDArray[np.float32]) -> Features:
    return (seen / _SCALES).astype(np.float32)[:, None]
