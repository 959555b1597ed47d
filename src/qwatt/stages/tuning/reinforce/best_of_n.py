"""Best of n: of policies drawn at random, or of continuations that are all verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort, Plan
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.reinforce.cartpole import CartPole
from qwatt.stages.tuning.reinforce.environment import Decide, Features
from qwatt.stages.tuning.reinforce.method import UNTRAINED_DECISION, UntrainedMethod
from qwatt.stages.tuning.reinforce.problem import PolicyAnswer, ReinforceProblem
from qwatt.stages.tuning.reinforce.settings import COMMON, LIMITS, Setup, setup


@method
class BestOfN(UntrainedMethod):
    """Linear policies drawn at random, the budget's decisions shared among them; no gradient at all.

    Where continuations are chosen among, it verifies n of them for every prompt, as no other method does when
    it decides, and takes one that passes.
    """

    name = "best-of-n"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1803.07055 (random search of linear policies)", "arXiv:2112.09332 (best of n)")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"n": (32, 8, 16), **COMMON}
    limits = {**LIMITS, "n": (1, 10_000)}

    def decide(
        self, problem: ReinforceProblem, found: Setup, settings: Settings, context: Context
    ) -> tuple[Decide, int, dict[str, Any]]:
        """Return the best of n linear policies by what they got, or the verifier."""
        world, n = found.environment, int(settings["n"])
        if not isinstance(world, CartPole):
            return _verifier(world, "validation", n), 0, {"n": np.array(n)}
        steps = max(1, found.decisions // (n * world.copies))
        drawn = context.rng.normal(size=(n, world.features, world.outputs)).astype(np.float32)
        got = [_rewards(world, weights, steps, context) for weights in drawn]
        best = drawn[int(np.argmax(got))]
        return _linear(best), n * steps * world.copies, {"weights": best}

    def restored(self, found: Setup, answer: PolicyAnswer, context: Context) -> Decide:
        """Return the policy of the answer's weights, or the verifier."""
        if isinstance(found.environment, CartPole):
            return _linear(answer.state["weights"])
        return _verifier(found.environment, "test", int(answer.state["n"]))

    def plan(self, problem: ReinforceProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the decisions."""
        found = setup(problem, settings)
        judging = self.judging(problem)
        steps = UNTRAINED_DECISION * found.updates * found.segment if problem.pole else 0.0
        return Plan(
            run=judging + Effort(work={"iteration": steps}),
            apply=judging,
            once=self.once(problem, found),
        )


def _linear(weights: Any) -> Decide:
    return lambda seen: np.argmax(seen[:, 0] @ weights, axis=1)


def _verifier(world: Any, part: str, n: int) -> Decide:
    """Return what takes the first of n candidates that passes; its features are not looked at."""
    rewards = world.rewards(part)[:, :n]

    def decide(seen: Features) -> Any:
        return np.argmax(rewards, axis=1)

    return decide


def _rewards(world: CartPole, weights: Any, steps: int, context: Context) -> float:
    """Return the steps of an episode that a policy gets in training."""
    seen, decide = world.start(int(context.rng.integers(2**31))), _linear(weights)
    lived, episodes = 0, world.copies
    for _ in range(steps):
        seen, _, ended, counted = world.step(decide(seen))
        lived, episodes = lived + int(counted.sum()), episodes + int(ended.sum())
    return lived / episodes
