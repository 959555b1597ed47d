"""The task: round the weights of a decoder's linear layers to few bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.effect import Effect, EffectKind
from qwatt.core.headline import Headline, counted
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.language.decoder import check_decoder
from qwatt.language.decoder.own_text import OWN_TEXT, parts_unless_own
from qwatt.stages.deployment.quantise.export import write_quantised
from qwatt.stages.deployment.quantise.problem import TASK, Budget, QuantiseAnswer, QuantiseProblem, Service
from qwatt.stages.deployment.quantise.realised import dearer_forms
from qwatt.stages.deployment.quantise.score import held_back_quality, validation_quality

FLOAT_BITS = 16.0
"""Bits of a weight as models are served."""


@task
class QuantiseTask(Task[QuantiseProblem, QuantiseAnswer]):
    """Rounding of weights after training, on one grid for every method, judged by the loss on other text.

    Embeddings, norms and the output head stay as they are. What training the decoder once cost is charged to
    no method, as all start from it.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Round the weights of a decoder's linear layers to so many bits each, its training given."
    )
    metric: ClassVar[str] = "nats_per_token"
    higher_is_better: ClassVar[bool] = False
    margin: ClassVar[float] = 0.01
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {
            "decoder": "tiny",
            "layers": "*.1.self_attn.o_proj",
            "group": 16,
            "service": Service(20, 8, 1),
            "budget": Budget(calibration=512, validation=256, test=512),
        },
        "s": {
            "decoder": "tiny",
            "layers": "*[on]_proj",
            "group": 32,
            "service": Service(40, 20, 5),
            "budget": Budget(calibration=4_096, validation=4_096, test=16_384),
        },
        "m": {
            "decoder": "small",
            "layers": "*",
            "group": 64,
            "service": Service(40, 20, 5, memory=True),
            "budget": Budget(calibration=16_384, validation=8_192, test=32_768),
        },
        "full": {
            "decoder": "smollm2",
            "layers": "*",
            "group": 64,
            "service": Service(128, 16, 3, memory=True),
            "budget": Budget(calibration=8_192, validation=4_096, test=16_384),
        },
    }
    default_source: ClassVar[str] = OWN_TEXT

    def load(self, source: str, size: str, seed: int) -> QuantiseProblem:
        """Return the text's three parts; the decoder of the size is trained now if it never was."""
        chosen = self.rung(size)
        parts = parts_unless_own(source, seed)
        check_decoder(chosen["decoder"])
        decoder, layers, group = chosen["decoder"], chosen["layers"], chosen["group"]
        return QuantiseProblem(TASK, source, size, seed, decoder, layers, group, parts, chosen["budget"])

    def validate(self, problem: QuantiseProblem, solution: Solution[QuantiseAnswer]) -> Quality:
        """Return the loss on the validation part."""
        return validation_quality(solution.answer)

    def score(self, problem: QuantiseProblem, solution: Solution[QuantiseAnswer]) -> Quality:
        """Return the loss on the held-back part, and the error of the layers' outputs."""
        return held_back_quality(problem, solution.answer, self.sizes[problem.size]["service"])

    def export(
        self, problem: QuantiseProblem, solution: Solution[QuantiseAnswer], folder: Path
    ) -> list[Path]:
        """Write packed weights, and a decoder that plain transformers loads."""
        return write_quantised(solution.answer, folder)

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return the bits of a weight over 16, where the loss is at most the margin above the floats'.

        Of the rounded weights alone: how many others a model has depends on its size, and is said beside it.
        """
        found = [t for t in trials if t.quality is not None]
        losses = [(t.quality or 0.0) - t.extras["float_nats_per_token"] for t in found]
        left = [t.extras["bits_per_weight"] / FLOAT_BITS for t in found]
        allowed, against = (
            (self.margin, "nats per token"),
            f"weights of {FLOAT_BITS:g} bits{_left_out(found)}",
        )
        return Effect.where_kept(EffectKind.WEIGHT_BITS, losses, allowed, left, against)

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return the loss, what it was before, and the size of what was rounded."""
        names = (
            "perplexity",
            "float_nats_per_token",
            "layer_error",
            "layer_error_round_to_nearest",
            "bits_per_weight",
            "rounded_weights",
            "packed_bytes",
            "forms",
            "decoder_parameters",
            "decoder",
            "decoder_note",
        )
        return {name: trial.extras[name] for name in names if name in trial.extras}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say what rounding costs in quality, and what it saves."""
        found = trial.extras
        if trial.quality is None or "layer_error" not in found:
            return super().headline(trial, artifact)
        layers = counted(found["rounded_layers"], "linear layer")
        error = found["layer_error"] / found["layer_error_round_to_nearest"]
        facts = [
            f"{trial.quality:.3f} nats per token, {found['float_nats_per_token']:.3f} before rounding",
            f"{found['bits_per_weight']:.2f} bits a weight, with scales, in {layers} of {found['decoder']}; "
            f"outputs have {error:.2f} times the error of rounding to nearest",
        ]
        facts += _in_service(found)
        warnings = tuple(dearer_forms(found["forms"]))
        written = () if artifact is None else (f"packed weights: {artifact}",)
        return Headline((*facts, *written), warnings)


def _left_out(trials: Sequence[Trial]) -> str:
    """Say which weights the effect does not count."""
    found = trials[0].extras if trials else {}
    if not {"rounded_weights", "decoder_parameters", "decoder"} <= found.keys():
        return ""
    share = 1.0 - found["rounded_weights"] / found["decoder_parameters"]
    return f"; embeddings, norms and head, {share:.0%} of {found['decoder']}, stay so and are not counted"


def _in_service(found: Mapping[str, Any]) -> list[str]:
    """Say what packing saves, and what the forms that this machine runs take."""
    forms = found["forms"]
    whole = forms["float32"]
    sizes = ", ".join(f"{form} {forms[form]['disk_bytes'] / 1e6:.2f}" for form in forms)
    facts = [
        f"on disk, in MB: {sizes}, packed {found['packed_bytes'] / 1e6:.2f}; packed weights are executed as "
        "floats, at the joules of these"
    ]
    if whole["request_j"]:
        joules = ", ".join(f"{form} {forms[form]['request_j']:.3g}" for form in forms)
        facts.append(f"joules a request, {whole['basis']}: {joules}")
    return facts + _resident(forms)


def _resident(forms: Mapping[str, Any]) -> list[str]:
    """Say what processes take that serve the forms; nothing where nobody measured it."""
    known = {form: row for form, row in forms.items() if row.get("peak_rss_bytes")}
    if not known:
        return []
    peaks = ", ".join(
        f"{form} {row['peak_rss_bytes'] / 1e6:,.0f} ({row['file_bytes'] / 1e6:,.0f})"
        for form, row in known.items()
    )
    before = min(row["before_loading_bytes"] for row in known.values()) / 1e6
    return [
        f"peak memory of a process that serves, in MB (of which files, that processes share): {peaks}; "
        f"{before:,.0f} before it loads a decoder"
    ]
