"""Choose training examples under a fixed budget."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.headline import Headline, counted, share
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.size import rung_of
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.stages.curation.select.component_shapes import TRIVIAL
from qwatt.stages.curation.select.export import write_selection
from qwatt.stages.curation.select.problem import TASK, SelectAnswer, SelectProblem
from qwatt.stages.curation.select.score import held_back_quality
from qwatt.stages.curation.select.sources import load_problem
from qwatt.stages.curation.select.worth import worth


@task
class SelectTask(Task[SelectProblem, SelectAnswer]):
    """Selection of a fixed number of training examples, judged by a light model trained on them alone.

    With labels it is logistic regression on sentence embeddings, and the metric is the bits that a held-back
    label takes. Without labels it is a model of bytes, trained on as many characters for every choice, and
    the metric is bits per character of held-back text. The loss of a small decoder trained on the choice is
    reported beside it, and decides nothing: so little text teaches it little.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Choose the budget's number of training examples out of a pool, starting from raw text."
    )
    metric: ClassVar[str] = "held_back_bits"
    higher_is_better: ClassVar[bool] = False
    margin: ClassVar[float] = 0.02
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {"pool": 60, "held": 60, "budget": 12, "encoder": "hashed:32"},
        "s": {"pool": 600, "held": 600, "budget": 60, "encoder": "minilm"},
        "m": {"pool": 4_000, "held": 1_000, "budget": 200, "encoder": "minilm"},
        "full": {"pool": None, "held": None, "budget": None, "encoder": "minilm"},
    }
    default_source: ClassVar[str] = "vader"
    downstream: ClassVar[Mapping[str, str]] = {"s": "tiny", "m": "tiny", "full": "tiny"}
    """The decoder that is trained on the choice, by size; none where it says nothing."""
    no_effect: ClassVar[str] = "a choice of one size does not tell how many tokens it stands for"

    def load(self, source: str, size: str, seed: int) -> SelectProblem:
        """Return a pool and held-back examples of a named source or a path."""
        return load_problem(source, size, self.rung(size), seed)

    def validate(self, problem: SelectProblem, solution: Solution[SelectAnswer]) -> Quality:
        """Return the bits on the validation examples."""
        return held_back_quality(problem, solution.answer, problem.validation)

    def score(self, problem: SelectProblem, solution: Solution[SelectAnswer]) -> Quality:
        """Return the bits on the held-back examples."""
        quality = held_back_quality(problem, solution.answer, problem.test)
        if (decoder := self.downstream.get(rung_of(problem.size))) is None:
            return quality
        return Quality(quality.value, {**quality.extras, **worth(problem, solution.answer, decoder)})

    def export(self, problem: SelectProblem, solution: Solution[SelectAnswer], folder: Path) -> list[Path]:
        """Write the chosen rows and their scores."""
        return write_selection(problem, solution.answer, folder)

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return how many were chosen and what they are worth."""
        names = (
            "chosen",
            "pool",
            "accuracy",
            "chosen_by_label",
            "characters_trained_on",
            "lm_bits_per_character",
        )
        return {name: trial.extras[name] for name in names if name in trial.extras}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say what a model that is trained on the choice alone reaches."""
        found = trial.extras
        if trial.quality is None or "chosen" not in found:
            return super().headline(trial, artifact)
        worth = f"{trial.quality:.3f} bits per character of held-back text"
        if "accuracy" in found:
            worth = f"accuracy {share(found['accuracy'])}, {trial.quality:.3f} bits per held-back label"
        written = () if artifact is None else (f"chosen rows: {artifact}",)
        fact = f"{found['chosen']:,} of {found['pool']:,} examples chosen; trained on them alone: {worth}"
        return Headline((fact, *_components(trial), *written))


def _components(trial: Trial) -> tuple[str, ...]:
    """Say of a graph of similar examples how much of it was trivial, where there was one."""
    shapes = trial.notes.get("components")
    if shapes is None:
        return ()
    trivial = sum(shapes[name] for name in TRIVIAL)
    other, inside = counted(shapes["other"], "other"), counted(shapes["examples_in_other"], "example")
    return (f"similar examples form {counted(trivial, 'trivial component')} and {other} with {inside}",)
