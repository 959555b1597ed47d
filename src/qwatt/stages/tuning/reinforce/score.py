"""Mean reward of an episode that the policy was not trained on, beside chance."""

from __future__ import annotations

from qwatt.core.errors import QwattError
from qwatt.core.problem import Quality
from qwatt.stages.tuning.reinforce.problem import PolicyAnswer, ReinforceProblem


def validation_quality(answer: PolicyAnswer) -> Quality:
    """Return the reward of the validation part."""
    return Quality(answer.validation.reward)


def held_back_quality(problem: ReinforceProblem, answer: PolicyAnswer) -> Quality:
    """Return the reward of the held-back part, that of chance, and whether it is solved.

    Raises:
        QwattError: the policy was not applied to the held-back part.
    """
    if answer.test is None:
        raise QwattError("the policy was not applied to the held-back part")
    test = answer.test
    extras = {
        "by_chance": test.by_chance,
        "solved_from": test.target,
        "solved": test.reward >= test.target,
        "parameters": answer.parameters,
        "decisions": test.decisions,
    }
    if problem.pole:
        extras["steps_of_episode"] = test.reward * problem.budget.horizon
    return Quality(test.reward, extras)
