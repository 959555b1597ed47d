"""The task: learn to decide by reward alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.headline import Headline
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.language.decoder import check_decoder
from qwatt.language.decoder.own_text import parts_unless_own
from qwatt.stages.tuning.reinforce.export import write_policy
from qwatt.stages.tuning.reinforce.problem import (
    CARTPOLE,
    TASK,
    Budget,
    PolicyAnswer,
    ReinforceProblem,
)
from qwatt.stages.tuning.reinforce.score import held_back_quality, validation_quality

_LARGE = {
    "decoder": "small",
    "budget": Budget(131_072, 64, 500, prompts=(512, 256, 512), candidates=8, length=(8, 24)),
    "reuploads": 5,
}


@task
class ReinforceTask(Task[ReinforceProblem, PolicyAnswer]):
    """Two environments: a pole on a cart, and a decoder's continuations of which one is to pass a rule.

    The reward is of the highest possible: steps that the pole stands of the horizon, or the share of prompts
    whose chosen continuation ends a sentence and says no word twice. Everyone gets as many decisions.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = "Learn a policy from the rewards of so many decisions."
    metric: ClassVar[str] = "reward"
    margin: ClassVar[float] = 0.05
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {
            "decoder": "tiny",
            "budget": Budget(1_024, 16, 50, prompts=(16, 8, 8), candidates=4, length=(6, 12)),
            "reuploads": 1,
        },
        "s": {
            "decoder": "tiny",
            "budget": Budget(32_768, 64, 500, prompts=(128, 64, 128), candidates=8, length=(8, 24)),
            "reuploads": 3,
        },
        "m": _LARGE,
        "full": _LARGE,
    }
    default_source: ClassVar[str] = CARTPOLE
    no_effect: ClassVar[str] = "a policy that chooses among texts leaves the model as it is"

    def load(self, source: str, size: str, seed: int) -> ReinforceProblem:
        """Return the pole for "cartpole"; prompts of the decoder's own text for "held-back", or of a file."""
        chosen = self.rung(size)
        parts = None if source == CARTPOLE else parts_unless_own(source, seed)
        if source != CARTPOLE:
            check_decoder(chosen["decoder"])
        return ReinforceProblem(
            TASK, source, size, seed, parts, chosen["decoder"], chosen["budget"], 4, chosen["reuploads"]
        )

    def suits(self, method: str, source: str) -> bool:
        """Return whether there is a decoder to tune for a method that tunes one."""
        return method != "grpo" or source != CARTPOLE

    def validate(self, problem: ReinforceProblem, solution: Solution[PolicyAnswer]) -> Quality:
        """Return the reward of the validation part."""
        return validation_quality(solution.answer)

    def score(self, problem: ReinforceProblem, solution: Solution[PolicyAnswer]) -> Quality:
        """Return the reward of the held-back part."""
        return held_back_quality(problem, solution.answer)

    def export(self, problem: ReinforceProblem, solution: Solution[PolicyAnswer], folder: Path) -> list[Path]:
        """Write the policy."""
        return write_policy(problem, solution.answer, folder)

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return the reward beside chance, and whether the environment is solved."""
        names = ("by_chance", "solved", "solved_from", "steps_of_episode", "parameters", "decisions")
        return {name: trial.extras[name] for name in names if name in trial.extras}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say what the policy gets, and whether that is enough."""
        found = trial.extras
        if trial.quality is None or "by_chance" not in found:
            return super().headline(trial, artifact)
        reward = f"{trial.quality:.1%} of the highest reward, {found['by_chance']:.1%} by chance"
        verdict = "solved" if found["solved"] else "not solved"
        size = f"{verdict}: from {found['solved_from']:.1%} on; {found['parameters']} trained parameters"
        written = () if artifact is None else (f"policy: {artifact}",)
        return Headline((reward, size, *written))

    def meets(self, trial: Trial) -> bool:
        """Return whether the environment is solved."""
        return bool(trial.extras.get("solved"))
