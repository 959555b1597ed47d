"""What all policies share: equal decisions in training, one way to learn, judged by the best action."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort, Plan
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.stages.tuning.reinforce.continuations import Continuations
from qwatt.stages.tuning.reinforce.environment import Decide
from qwatt.stages.tuning.reinforce.policy import Policy
from qwatt.stages.tuning.reinforce.problem import TASK, PolicyAnswer, ReinforceProblem
from qwatt.stages.tuning.reinforce.reinforce import CRITIC_STEPS, train_policy
from qwatt.stages.tuning.reinforce.settings import LEARNT, LIMITS, Setup, setup

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_A_DECISION = 2.0
"""Steps of an optimiser that a step of all copies weighs as much as: the environment and a small policy."""
UNTRAINED_DECISION = 0.6
"""The same where the policy is one product of matrices, or chance."""


class ReinforceMethod(Method[ReinforceProblem, PolicyAnswer]):
    """Base of all that decides."""

    task: ClassVar[str] = TASK
    limits: ClassVar[Mapping[str, Limit]] = LIMITS
    stochastic: ClassVar[bool] = True

    def prepared(self, problem: ReinforceProblem, settings: Settings, context: Context) -> Setup:
        """Return the environment, whose texts are charged to each who chooses among them."""
        found = setup(problem, settings)
        if isinstance(found.environment, Continuations):
            context.shared(Ring.LOADING, "continuations", found.environment.made)
        return found

    def once(self, problem: ReinforceProblem, found: Setup) -> Effort:
        """Return what the candidates take: every drawn token is a pass over all that stands before it."""
        if not isinstance(found.environment, Continuations):
            return Effort()
        before, new = problem.budget.length
        rows = sum(map(len, found.environment.prompts)) * problem.budget.candidates
        tokens = rows * (sum(range(before, before + new)) + before + new)
        flop = 2.0 * found.environment.decoder.parameters * tokens
        return Effort(work={"encoder_flop": flop, "iteration": 20.0 * new * rows / 256})


class PolicyMethod(ReinforceMethod):
    """Base of the policies that are trained; one gives its module."""

    space: ClassVar[Mapping[str, Sequence[Any]]] = LEARNT

    @abstractmethod
    def module(self, found: Setup, context: Context) -> Any:
        """Return the untrained module, from (rows, features) to (rows, outputs)."""

    def reading_effort(self, found: Setup, rows: int, shots: int | None) -> Effort:
        """Return what the circuits take to read so many rows once; nothing without circuits."""
        return Effort()

    def training_effort(self, found: Setup, rows: int, shots: int | None) -> Effort:
        """Return what the gradient of so many rows takes in circuits; nothing without."""
        return Effort()

    def run(self, problem: ReinforceProblem, settings: Settings, context: Context) -> Solution[PolicyAnswer]:
        """Train once and judge the policy on the validation part."""
        found = self.prepared(problem, settings, context)
        with one_thread(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(context.seed)
            policy = Policy(self.module(found, context))
            with context.phase(Ring.KERNEL, "train"):
                curve = train_policy(
                    policy,
                    found.environment,
                    found.decisions,
                    found.segment,
                    float(settings["learning_rate"]),
                    context,
                )
            with context.phase(Ring.KERNEL, "validate"):
                validation = found.environment.judge(policy.best, "validation")
        parameters = sum(weights.numel() for weights in policy.trained())
        answer = PolicyAnswer(self.name, parameters, policy.state(), curve, validation)
        counters = {"training_decisions": float(found.decisions), "updates": float(found.updates)}
        return Solution(answer, counters=counters, notes={"parameters": parameters})

    def apply(
        self,
        problem: ReinforceProblem,
        solution: Solution[PolicyAnswer],
        settings: Settings,
        context: Context,
    ) -> Solution[PolicyAnswer]:
        """Judge the policy on the held-back part."""
        found = setup(problem, settings)
        with one_thread():
            policy = Policy(self.module(found, context))
            policy.load(solution.answer.state)
            with context.phase(Ring.KERNEL, "decide"):
                test = found.environment.judge(policy.best, "test")
        return _tested(solution, test)

    def plan(self, problem: ReinforceProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the decisions, the gradients of all of them, and the circuits of both."""
        found = setup(problem, settings)
        copies, items = found.environment.copies, found.items
        steps = found.updates * found.segment
        lived = _times(self.reading_effort(found, copies * items, shots), steps)
        rows = found.segment * copies * items
        learnt = _times(
            self.reading_effort(found, rows, shots) + self.training_effort(found, rows, shots), found.updates
        )
        own = Effort(work={"iteration": _A_DECISION * steps + found.updates * (3.0 + 2.0 * CRITIC_STEPS)})
        return Plan(
            run=lived + learnt + own + self._judging(problem, found, "validation", shots),
            apply=self._judging(problem, found, "test", shots),
            once=self.once(problem, found),
        )

    def _judging(self, problem: ReinforceProblem, found: Setup, part: str, shots: int | None) -> Effort:
        decisions = found.environment.judged_decisions(part)
        steps = problem.budget.horizon if problem.pole else 1
        reading = self.reading_effort(found, decisions * found.items // steps, shots)
        return _times(reading, steps) + Effort(work={"iteration": _A_DECISION * steps})


class UntrainedMethod(ReinforceMethod):
    """Base of what decides without gradients; one gives its `decide`."""

    def judging(self, problem: ReinforceProblem) -> Effort:
        """Return what judging it takes: two poles a step, its own and that of chance."""
        steps = 2.0 * UNTRAINED_DECISION * problem.budget.horizon if problem.pole else 1.0
        return Effort(work={"iteration": steps})

    @abstractmethod
    def decide(
        self, problem: ReinforceProblem, found: Setup, settings: Settings, context: Context
    ) -> tuple[Decide, int, dict[str, Any]]:
        """Return what decides, how many decisions finding it took, and its numbers."""

    @abstractmethod
    def restored(self, found: Setup, answer: PolicyAnswer, context: Context) -> Decide:
        """Return what decides, from an answer's numbers."""

    def run(self, problem: ReinforceProblem, settings: Settings, context: Context) -> Solution[PolicyAnswer]:
        """Find what decides and judge it on the validation part."""
        found = self.prepared(problem, settings, context)
        with one_thread(), context.phase(Ring.KERNEL, "search"):
            decide, decisions, state = self.decide(problem, found, settings, context)
            validation = found.environment.judge(decide, "validation")
        parameters = sum(np.size(array) for name, array in state.items() if name != "n")
        answer = PolicyAnswer(self.name, parameters, state, np.zeros(0, dtype=np.float32), validation)
        return Solution(answer, counters={"training_decisions": float(decisions)})

    def apply(
        self,
        problem: ReinforceProblem,
        solution: Solution[PolicyAnswer],
        settings: Settings,
        context: Context,
    ) -> Solution[PolicyAnswer]:
        """Judge it on the held-back part."""
        found = setup(problem, settings)
        with one_thread(), context.phase(Ring.KERNEL, "decide"):
            test = found.environment.judge(self.restored(found, solution.answer, context), "test")
        return _tested(solution, test)


def _tested(solution: Solution[PolicyAnswer], test: Any) -> Solution[PolicyAnswer]:
    counters = solution.counters | {"decisions": float(test.decisions)}
    return replace(solution, answer=replace(solution.answer, test=test), counters=counters)


def _times(effort: Effort, count: int) -> Effort:
    work = {kind: units * count for kind, units in (effort.work or {}).items()}
    return Effort(effort.demand.times(count), work, effort.simulation_flops * count)
