"""The task: adapt a decoder to the text of another domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from qwatt.core.effect import Effect, EffectKind, paired_ratios
from qwatt.core.headline import Headline
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.language.decoder import check_decoder
from qwatt.language.text_parts import read_parts
from qwatt.stages.tuning.adapt.export import write_model
from qwatt.stages.tuning.adapt.problem import TASK, AdaptAnswer, AdapterShape, AdaptProblem, Budget
from qwatt.stages.tuning.adapt.score import held_back_quality, validation_quality


@task
class AdaptTask(Task[AdaptProblem, AdaptAnswer]):
    """Adapters in all matrices of a decoder, or all its weights, trained on equal tokens of a domain's text.

    What is scored is the merged, plain decoder. What training the decoder once cost is charged to no method,
    as all start from it.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Adapt a decoder to a domain's text by training on so many of its tokens."
    )
    metric: ClassVar[str] = "bits_per_character"
    higher_is_better: ClassVar[bool] = False
    margin: ClassVar[float] = 0.01
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {
            "decoder": "tiny",
            "budget": Budget(train=1_024, validation=256, test=512, batch=128, context=32),
            "shape": AdapterShape(rank=2, tile=4, svd_steps=8, layers=1, settings=6, spectrum=8),
        },
        "s": {
            "decoder": "tiny",
            "budget": Budget(train=8_192, validation=2_048, test=4_096, batch=256, context=32),
            "shape": AdapterShape(rank=4, tile=16, svd_steps=60, layers=2, settings=30, spectrum=128),
        },
        "m": {
            "decoder": "small",
            "budget": Budget(train=102_400, validation=4_096, test=16_384, batch=256, context=64),
            "shape": AdapterShape(rank=8, tile=32, svd_steps=200, layers=4, settings=60, spectrum=128),
        },
        "full": {
            "decoder": "smollm2",
            "budget": Budget(train=12_800, validation=2_048, test=8_192, batch=256, context=128),
            "shape": AdapterShape(rank=8, tile=16, svd_steps=60, layers=4, settings=30, spectrum=128),
        },
    }
    default_source: ClassVar[str] = "vader"

    def load(self, source: str, size: str, seed: int) -> AdaptProblem:
        """Return the text's three parts; the decoder of the size is made ready now if it never was."""
        chosen = self.rung(size)
        parts = read_parts(source, seed)
        check_decoder(chosen["decoder"])
        return AdaptProblem(
            TASK, source, size, seed, chosen["decoder"], *parts, chosen["budget"], chosen["shape"]
        )

    def validate(self, problem: AdaptProblem, solution: Solution[AdaptAnswer]) -> Quality:
        """Return the bits per character of the validation part."""
        return validation_quality(solution.answer)

    def score(self, problem: AdaptProblem, solution: Solution[AdaptAnswer]) -> Quality:
        """Return the bits per character of the held-back part."""
        return held_back_quality(problem, solution.answer)

    def export(self, problem: AdaptProblem, solution: Solution[AdaptAnswer], folder: Path) -> list[Path]:
        """Write the merged decoder as a plain model folder."""
        return write_model(problem, solution.answer, folder)

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return the joules over those of tuning all weights, on seeds not worse by the margin."""
        whole = {t.spec.seed: t for t in others.get("full", ())}
        equal = [t for t in trials if t.spec.seed in whole and not self.worse(t, whole[t.spec.seed])]
        if len(equal) * 2 <= len(trials):
            why = f"on {len(trials) - len(equal)} of {len(trials)} seeds it is worse than tuning all weights"
            return Effect.unknown(why, EffectKind.TUNING_ENERGY)
        found = paired_ratios(equal, list(whole.values()), _training_joules)
        return Effect.of_ratios(EffectKind.TUNING_ENERGY, found, "tuning all weights on as many tokens")

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return the loss, what it was without adaptation, and how many parameters were trained."""
        names = (
            "nats_per_token",
            "without_adaptation",
            "parameters",
            "decoder",
            "decoder_note",
            "test_tokens",
        )
        return {name: trial.extras[name] for name in names if name in trial.extras}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say what the adaptation is worth, what was trained, and where the model is."""
        found = trial.extras
        if trial.quality is None or "without_adaptation" not in found:
            return super().headline(trial, artifact)
        before = found["without_adaptation"]
        worth = f"{trial.quality:.3f} bits per character, {before:.3f} without adaptation"
        whole = f"{found['decoder']}'s {found['decoder_parameters']:,}"
        size = f"{found['parameters']:,} parameters were trained, beside {whole}"
        told = [worth, size]
        if "decoder_note" in found:
            told.append(f"{found['decoder']}: {found['decoder_note']}")
        if artifact is not None:
            told.append(f"plain model folder: {PurePosixPath(artifact).parent}")
        return Headline(tuple(told))


def _training_joules(trial: Trial) -> float | None:
    """Return the joules of training alone: reading and embedding are alike for all."""
    phase = trial.phases.get("train")
    return None if phase is None else phase.energy.value
