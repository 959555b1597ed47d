"""The task: lower a held-back loss with an equal budget, and record what each step of the way cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.errors import unknown_name
from qwatt.core.headline import Headline, counted
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.stages.training.optimise.export import write_answer
from qwatt.stages.training.optimise.problem import TASK, OptimiseAnswer, OptimiseProblem
from qwatt.stages.training.optimise.score import held_back_quality
from qwatt.stages.training.optimise.sources import circuit_problem, read_source

_SENTENCES = {"encoder": "minilm", "layers": 1, "logit_scale": 3.0, "batch": 16}
_SMALLEST = {"wires": 2, "uploads": 1, "runs": 300}
_SMALL = {"wires": 4, "uploads": 3, "runs": 20_000}
_LARGER = {"wires": 6, "uploads": 4, "runs": 200_000}


@task
class OptimiseTask(Task[OptimiseProblem, OptimiseAnswer]):
    """Optimisers on one model from one start: a circuit on labelled sentences, or a small decoder on text.

    Labelled data train the angles of a re-uploading circuit on a frozen encoder: by default what a snippet is
    about (films, tweets, products, news), or a user's file with the fields `text` and `label`.
    """

    name = TASK
    functional_unit = (
        "Train the angles of a circuit that classifies embedded sentences with a fixed number of circuit "
        "runs (a simulated gradient counts three a sentence); the loss on held-back sentences is compared."
    )
    metric = "held_back_loss"
    higher_is_better: ClassVar[bool] = False
    margin = 0.01
    sizes: ClassVar[dict[str, dict[str, Any]]] = {
        "xs": _SENTENCES | {"train": 100, "held": 40, "encoder": "hashed:16"} | _SMALLEST,
        "s": _SENTENCES | {"train": 256, "held": 500} | _SMALL,
        "m": _SENTENCES | {"train": 512, "held": 1000} | _LARGER,
        "full": _SENTENCES | {"train": None, "held": None} | _SMALL,
    }
    default_source = "snippet-topics"

    def load(self, source: str, size: str, seed: int) -> OptimiseProblem:
        """Read and split the data; sentences are embedded when a method first asks for vectors."""
        if size not in self.sizes:
            raise unknown_name("size", size, self.sizes, where=self.name)
        return circuit_problem(read_source(source), source, size, self.sizes[size], seed)

    def validate(self, problem: OptimiseProblem, solution: Solution[OptimiseAnswer]) -> Quality:
        """Return the loss on the validation part."""
        return Quality(solution.answer.validation.loss)

    def score(self, problem: OptimiseProblem, solution: Solution[OptimiseAnswer]) -> Quality:
        """Return the loss on the test part, with the curve."""
        return held_back_quality(problem, solution.answer)

    def export(
        self, problem: OptimiseProblem, solution: Solution[OptimiseAnswer], folder: Path
    ) -> list[Path]:
        """Write the trained weights and the curve."""
        return write_answer(problem, solution.answer, folder)

    def summary(self, trial: Trial) -> dict[str, Any]:
        """Return accuracy, the target and what reaching it took."""
        names = ("accuracy", "runs", "steps", "target_loss", "to_target")
        return {name: trial.extras[name] for name in names if name in trial.extras}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say how low the loss came with what budget."""
        found = trial.extras
        if trial.quality is None or "test_items" not in found:
            return super().headline(trial, artifact)
        facts = [
            f"loss {trial.quality:.4f} nats on {counted(found['test_items'], 'held-back sentence')} "
            f"after {counted(found['runs'], 'circuit run')}"
        ]
        if artifact is not None:
            facts.append(f"weights and curve: {artifact}")
        return Headline(tuple(facts))
