"""The task: lower a held-back loss with an equal budget, and record what each step of the way cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.effect import Effect, EffectKind
from qwatt.core.headline import Headline, counted
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import get_method, task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.stages.training.optimise.export import write_answer
from qwatt.stages.training.optimise.method import OptimiseMethod
from qwatt.stages.training.optimise.problem import (
    DECODER,
    TASK,
    OptimiseAnswer,
    OptimiseProblem,
)
from qwatt.stages.training.optimise.score import held_back_quality
from qwatt.stages.training.optimise.sources import (
    circuit_problem,
    decoder_problem,
    read_source,
    trains,
)

_CIRCUIT = {"encoder": "minilm", "layers": 1, "logit_scale": 6.0, "batch": 8}
_FEW = {"train": 100, "held": 40, "encoder": "hashed:16", "wires": 2, "uploads": 1, "runs": 300}
_SMALL = {"train": 256, "held": 500, "wires": 4, "uploads": 2, "runs": 8_000}
_LARGER = {"train": 512, "held": 1000, "wires": 6, "uploads": 4, "runs": 100_000}
_TINY_DECODER = {"vocabulary": 300, "hidden": 16, "intermediate": 32, "heads": 2, "context": 16, "batch": 4}
_SMALL_DECODER = {"vocabulary": 512, "hidden": 64, "intermediate": 176, "context": 64, "batch": 16}
_LARGER_DECODER = {"vocabulary": 2048, "hidden": 128, "intermediate": 352, "context": 64, "batch": 16}


@task
class OptimiseTask(Task[OptimiseProblem, OptimiseAnswer]):
    """Optimisers on one model from one start: a circuit on labelled sentences, or a small decoder on text.

    Labelled data train the angles of a re-uploading circuit on a frozen encoder: by default what a snippet is
    about (films, tweets, products, news), or a user's file with the fields `text` and `label`. Text alone,
    such as "shakespeare" or a user's corpus, trains a small decoder, by the methods that can.
    """

    name = TASK
    functional_unit = (
        "Train the angles of a circuit that classifies embedded sentences with a fixed number of circuit "
        "runs (a simulated gradient counts three a sentence), or a small decoder on a fixed number of "
        "tokens; the loss on held-back sentences or tokens is compared."
    )
    metric = "held_back_loss"
    higher_is_better: ClassVar[bool] = False
    margin = 0.01
    sizes: ClassVar[dict[str, dict[str, Any]]] = {
        "xs": {"circuit": _CIRCUIT | _FEW, "decoder": _TINY_DECODER | {"tokens": 1_280, "held": 2}},
        "s": {"circuit": _CIRCUIT | _SMALL, "decoder": _SMALL_DECODER | {"tokens": 102_400, "held": 20}},
        "m": {"circuit": _CIRCUIT | _LARGER, "decoder": _LARGER_DECODER | {"tokens": 409_600, "held": 40}},
        "full": {
            "circuit": _CIRCUIT | _SMALL | {"train": None, "held": None},
            "decoder": _LARGER_DECODER | {"tokens": 409_600, "held": 40},
        },
    }
    default_source = "snippet-topics"

    def load(self, source: str, size: str, seed: int) -> OptimiseProblem:
        """Read and split the data; sentences are embedded when a method first asks for vectors."""
        parameters, found = self.rung(size), read_source(source)
        if found.labels is None:
            return decoder_problem(found, source, size, parameters["decoder"], seed)
        return circuit_problem(found, source, size, parameters["circuit"], seed)

    def suits(self, method: str, source: str) -> bool:
        """Return whether a method can train what a source is for: a decoder has no angles to shift."""
        found = get_method(TASK, method)
        return not isinstance(found, OptimiseMethod) or trains(source) in found.trains

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

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return the tokens to AdamW's last loss over AdamW's; a circuit says nothing of a language model.

        The rate of a training falls to its own end: one that was planned to stop earlier would take fewer.
        """
        kind = EffectKind.TOKENS_TO_TARGET
        if not any(t.extras.get("model") == DECODER for t in trials):
            return Effect.unknown("a circuit's runs say nothing of a language model's training", kind)
        ends = {t.spec.seed: t.extras["curve"][-1] for t in others.get("adamw", ()) if t.extras.get("curve")}
        pairs = [
            (_tokens_to(t, ends[t.spec.seed]["loss"]), ends[t.spec.seed])
            for t in trials
            if t.spec.seed in ends
        ]
        found = [tokens / end["tokens"] for tokens, end in pairs if tokens is not None]
        if len(found) * 2 <= len(trials):
            return Effect.unknown(
                f"on {len(found)} of {len(trials)} seeds it reaches AdamW's last loss", kind
            )
        return Effect.of_ratios(kind, found, "AdamW")

    def summary(self, trial: Trial) -> dict[str, Any]:
        """Return accuracy, the target and what reaching it took."""
        names = ("model", "accuracy", "bits_per_character", "runs", "tokens", "target_loss", "to_target")
        return {name: trial.extras[name] for name in names if name in trial.extras}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say how low the loss came with what budget."""
        found = trial.extras
        if trial.quality is None or "test_items" not in found:
            return super().headline(trial, artifact)
        decoder = found["model"] == DECODER
        what = counted(found["test_items"], "held-back token" if decoder else "held-back sentence")
        spent = counted(found["tokens"], "token") if decoder else counted(found["runs"], "circuit run")
        facts = [f"loss {trial.quality:.4f} nats on {what} after {spent}"]
        if artifact is not None:
            facts.append(f"weights and curve: {artifact}")
        return Headline(tuple(facts))


def _tokens_to(trial: Trial, loss: float) -> float | None:
    """Return the tokens at the first point of a trial's curve that reaches a loss; None where none does."""
    points = (p for p in trial.extras.get("curve", ()) if p["loss"] is not None and p["loss"] <= loss)
    return next((float(point["tokens"]) for point in points), None)
