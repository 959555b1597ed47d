"""REINFORCE with a baseline: the gradient of log-probabilities, weighed by what was better than expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Context
from qwatt.stages.tuning.reinforce.environment import Environment
from qwatt.stages.tuning.reinforce.policy import Policy

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")
    _dynamo, _monitor = lazy("torch._dynamo"), lazy("torch.profiler._cupti_monitor")
    # torch imports these two at an optimiser's first step, which is inside an energy window

DISCOUNT, TRACE = 0.99, 0.95
"""Of later rewards, and of later surprises (generalised advantages, arXiv:1506.02438)."""
CRITIC_UNITS, CRITIC_RATE, CRITIC_STEPS = 32, 0.01, 10
"""The baseline, which is classical and the same for every policy, and is thrown away after training."""


@dataclass(frozen=True, eq=False)
class Segment:
    """What happened between two updates.

    Args:
        seen: features, shape (steps, copies, items, features).
        actions: shape (steps, copies).
        rewards: shape (steps, copies).
        ended: whether an episode ended there.
        counted: whether the decision counted.
        last: features behind the last step.
    """

    seen: NDArray[np.float32]
    actions: NDArray[np.int64]
    rewards: NDArray[np.float32]
    ended: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    last: NDArray[np.float32]


def advantages(
    values: NDArray[np.float64], rewards: NDArray[np.float32], ended: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return generalised advantages, shape (steps, copies).

    Args:
        values: expected by the baseline, shape (steps + 1, copies).
        rewards: shape (steps, copies).
        ended: whether an episode ended with the step; what comes after it is another one's.
    """
    found, later = np.zeros(rewards.shape), np.zeros(rewards.shape[1])
    for step in reversed(range(len(rewards))):
        goes_on = ~ended[step]
        surprise = rewards[step] + DISCOUNT * values[step + 1] * goes_on - values[step]
        later = surprise + DISCOUNT * TRACE * goes_on * later
        found[step] = later
    return found


def train_policy(
    policy: Policy, environment: Environment, steps: int, segment: int, rate: float, context: Context
) -> NDArray[np.float32]:
    """Train in place by Adam; return the reward of an episode, by update.

    Args:
        policy: its decisions in training are drawn with the trial's shots, its gradients are exact.
        environment: copies of it take one decision each a step.
        steps: decisions of all copies together, in whole segments.
        segment: steps between two updates.
        rate: learning rate.
        context: draws actions, and is told of updates.
    """
    updates = max(1, steps // (segment * environment.copies))
    critic = torch.nn.Sequential(
        torch.nn.Linear(environment.features, CRITIC_UNITS),
        torch.nn.Tanh(),
        torch.nn.Linear(CRITIC_UNITS, 1),
    )
    actor_steps = torch.optim.Adam(policy.trained(), lr=rate)
    critic_steps = torch.optim.Adam(critic.parameters(), lr=CRITIC_RATE)
    seen, curve = environment.start(int(context.rng.integers(2**31))), np.zeros(updates, dtype=np.float32)
    for update in range(updates):
        found = _lived(policy, environment, seen, segment, context.rng)
        seen = found.last
        gains, returns = _judged(critic, found)
        _step_actor(policy, actor_steps, found, gains)
        _step_critic(critic, critic_steps, found, returns)
        curve[update] = found.rewards.sum() / max(1, found.ended.sum())
        context.progress(update + 1, updates, "updates")
    return curve


def _lived(
    policy: Policy,
    environment: Environment,
    seen: NDArray[np.float32],
    segment: int,
    rng: np.random.Generator,
) -> Segment:
    lived = []
    for _ in range(segment):
        chosen = policy.draw(seen, rng)
        after, *outcome = environment.step(chosen)
        lived.append((seen, chosen, *outcome))
        seen = after
    states, actions, rewards, ended, counted = (np.stack(column) for column in zip(*lived, strict=True))
    return Segment(states, actions, rewards, ended, counted, seen)


def _judged(critic: torch.nn.Module, found: Segment) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return advantages, of mean 0 and deviation 1 over the decisions that count, and returns."""
    with torch.no_grad():
        every = np.concatenate([found.seen, found.last[None]])
        values = critic(torch.from_numpy(every.mean(2)))[..., 0].double().numpy()
    gains = advantages(values, found.rewards, found.ended)
    counted = gains[found.counted]
    return (gains - counted.mean()) / (counted.std() + 1e-8), gains + values[:-1]


def _step_actor(
    policy: Policy, optimiser: torch.optim.Optimizer, found: Segment, gains: NDArray[np.float64]
) -> None:
    seen = torch.from_numpy(found.seen.reshape(-1, *found.seen.shape[2:]))
    logs = torch.log_softmax(policy.logits(seen), 1)
    chosen = logs.gather(1, torch.from_numpy(found.actions.reshape(-1, 1)))[:, 0]
    weights = torch.from_numpy((gains * found.counted).reshape(-1)).float()
    loss = -(chosen * weights).sum() / float(found.counted.sum())
    optimiser.zero_grad()
    torch.autograd.backward(loss)
    optimiser.step()


def _step_critic(
    critic: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    found: Segment,
    returns: NDArray[np.float64],
) -> None:
    seen = torch.from_numpy(found.seen.mean(2)[found.counted])
    wanted = torch.from_numpy(returns[found.counted]).float()
    for _ in range(CRITIC_STEPS):
        loss = torch.nn.functional.mse_loss(critic(seen)[..., 0], wanted)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
