"""The task: make a decoder or encoder smaller by leaving out heads, feed-forward channels or blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.effect import Effect, EffectKind
from qwatt.core.headline import Headline
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.language.decoder.own_text import OWN_TEXT, parts_unless_own
from qwatt.stages.deployment.prune.export import write_pruned
from qwatt.stages.deployment.prune.payback import payback_fact, payback_requests
from qwatt.stages.deployment.prune.problem import TASK, Budget, Cut, PruneAnswer, PruneProblem
from qwatt.stages.deployment.prune.score import held_back_quality, validation_quality

_ALONE = (
    *("model", "units", "keep", "widths", "loads_plainly", "test_tokens", "loss_is"),
    *("similarity_rank_correlation", "serving_basis", "request_j_ratio"),
)
_BEFORE_AND_AFTER = (
    *("loss", "perplexity", "parameters", "disk_bytes", "memory_bytes", "request_j"),
    *("read_j_per_token", "read_ms_per_token", "read_cpu_ms_per_token"),
    *("written_j_per_token", "written_ms_per_token", "written_cpu_ms_per_token"),
)


@task
class PruneTask(Task[PruneProblem, PruneAnswer]):
    """A model with a given share of its units, judged by the loss of what is left; nothing is trained.

    The quality is that of the model that is saved, with smaller tensors. The loss of a decoder is in nats per
    token; that of a sentence encoder is how far its vectors turn from those of the whole one. What training
    the model once cost is charged to no method, as all start from it.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Choose which heads, feed-forward channels or blocks of a model stay, at the given share of them."
    )
    metric: ClassVar[str] = "held_back_loss"
    higher_is_better: ClassVar[bool] = False
    margin: ClassVar[float] = 0.02
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {
            "decoder": "tiny",
            "budget": Budget(calibration=256, validation=256, test=512, window=32),
            "cut": Cut("heads", keep=0.5, groups=4),
            "serving": (20, 8, 1),
        },
        "s": {
            "decoder": "small",
            "budget": Budget(calibration=3_072, validation=4_096, test=16_384, window=64),
            "cut": Cut("ffn", keep=0.5, groups=8),
            "serving": (40, 20, 5),
        },
        "m": {
            "decoder": "small",
            "budget": Budget(calibration=3_072, validation=8_192, test=32_768, window=64),
            "cut": Cut("ffn", keep=0.5, groups=16),
            "serving": (40, 20, 5),
        },
        "full": {
            "decoder": "smollm2",
            "budget": Budget(calibration=6_144, validation=4_096, test=8_192, window=128),
            "cut": Cut("ffn", keep=0.75, groups=8),
            "serving": (128, 16, 3),
        },
    }
    default_source: ClassVar[str] = OWN_TEXT

    def load(self, source: str, size: str, seed: int) -> PruneProblem:
        """Return the text's three parts, and the name of the size's decoder."""
        chosen = self.rung(size)
        decoder, parts = chosen["decoder"], parts_unless_own(source, seed)
        return PruneProblem(TASK, source, size, seed, decoder, parts, chosen["budget"], chosen["cut"])

    def validate(self, problem: PruneProblem, solution: Solution[PruneAnswer]) -> Quality:
        """Return the loss on the validation part."""
        return validation_quality(problem, solution.answer)

    def score(self, problem: PruneProblem, solution: Solution[PruneAnswer]) -> Quality:
        """Return the loss on the held-back part, and what the smaller model takes in service."""
        return held_back_quality(problem, solution.answer, self.sizes[problem.size]["serving"])

    def export(self, problem: PruneProblem, solution: Solution[PruneAnswer], folder: Path) -> list[Path]:
        """Write the smaller model and how to load it."""
        return write_pruned(solution.answer, folder)

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return the parameters left, where the loss is at most the margin above the whole decoder's."""
        found = [t for t in trials if t.quality is not None and "loss_before" in t.extras]
        if any("similarity_rank_correlation" in t.extras for t in found):
            reason = "an encoder was pruned, and the life's model is a decoder"
            return Effect.unknown(reason, EffectKind.WEIGHTS)
        losses = [(t.quality or 0.0) - t.extras["loss_before"] for t in found]
        left = [t.extras["parameters"] / t.extras["parameters_before"] for t in found]
        allowed = self.margin, "nats per token"
        return Effect.where_kept(EffectKind.WEIGHTS, losses, allowed, left, "the whole decoder")

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return sizes, losses and what a token takes before and after, and when pruning is paid back."""
        every = (name for part in _BEFORE_AND_AFTER for name in (f"{part}_before", part))
        found = {name: trial.extras[name] for name in (*_ALONE, *every) if name in trial.extras}
        return found | {"payback_requests": payback_requests(trial), "payback": payback_fact(trial)}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say what is left, what it is worth, and what it saves."""
        found = trial.extras
        if trial.quality is None or "parameters_before" not in found:
            return super().headline(trial, artifact)
        left = 1.0 - found["parameters"] / found["parameters_before"]
        size = f"{found['parameters']:,} parameters of {found['model']}, {left:.0%} fewer than before"
        if "perplexity" in found:
            worth = f"{trial.quality:.3f} nats per token (perplexity {found['perplexity']:,.4g})"
            loss = f"{worth}, {found['loss_before']:.3f} before"
        else:
            loss = (
                f"vectors of held-back texts have a mean cosine of {1.0 - trial.quality:.4f} with the whole's"
            )
        written = () if artifact is None else (f"written to {artifact}",)
        warned = () if found["loads_plainly"] else ("the folder loads only with trust_remote_code=True",)
        facts = (size, loss, payback_fact(trial), *written)
        return Headline(tuple(fact for fact in facts if fact), warnings=warned)
