"""The task: put a small layer into one block of a frozen decoder, and train it alone."""

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
from qwatt.language.text_parts import read_parts
from qwatt.stages.architecture.layer.export import write_layer
from qwatt.stages.architecture.layer.problem import TASK, Budget, CircuitShape, LayerAnswer, LayerProblem
from qwatt.stages.architecture.layer.score import held_back_quality, validation_quality


@task
class LayerTask(Task[LayerProblem, LayerAnswer]):
    """A layer of equal trainable parameters, trained on equal tokens, in the last block of a frozen decoder.

    The decoder knows other text than the source's: the layer has something to learn. What training the
    decoder once cost is charged to no method, as all start from it.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Fit a frozen decoder to a text by training one small layer in one of its blocks on so many tokens."
    )
    metric: ClassVar[str] = "bits_per_character"
    higher_is_better: ClassVar[bool] = False
    margin: ClassVar[float] = 0.01
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {
            "decoder": "tiny",
            "budget": Budget(train=1_024, validation=256, test=512, batch=128),
            "shape": CircuitShape(qubits=4, reuploads=2, layers=1),
        },
        "s": {
            "decoder": "small",
            "budget": Budget(train=12_800, validation=2_048, test=4_096, batch=256),
            "shape": CircuitShape(qubits=6, reuploads=2, layers=2),
        },
        "m": {
            "decoder": "small",
            "budget": Budget(train=102_400, validation=4_096, test=16_384, batch=256),
            "shape": CircuitShape(qubits=6, reuploads=2, layers=2),
        },
        "full": {
            "decoder": "small",
            "budget": Budget(train=409_600, validation=16_384, test=65_536, batch=256),
            "shape": CircuitShape(qubits=6, reuploads=2, layers=2),
        },
    }
    default_source: ClassVar[str] = "vader"
    no_effect: ClassVar[str] = (
        "a layer beside a frozen decoder adds work; at equal quality it saves nothing that is measured"
    )

    def load(self, source: str, size: str, seed: int) -> LayerProblem:
        """Return the text's three parts; the decoder of the size is trained now if it never was."""
        chosen = self.rung(size)
        parts = read_parts(source, seed)
        check_decoder(chosen["decoder"])
        return LayerProblem(
            TASK, source, size, seed, chosen["decoder"], *parts, chosen["budget"], chosen["shape"]
        )

    def validate(self, problem: LayerProblem, solution: Solution[LayerAnswer]) -> Quality:
        """Return the bits per character of the validation part."""
        return validation_quality(solution.answer)

    def score(self, problem: LayerProblem, solution: Solution[LayerAnswer]) -> Quality:
        """Return the bits per character of the held-back part."""
        return held_back_quality(problem, solution.answer)

    def export(self, problem: LayerProblem, solution: Solution[LayerAnswer], folder: Path) -> list[Path]:
        """Write the layer, the decoder and how to load them."""
        return write_layer(solution.answer, folder)

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return the loss, what it was without the layer, and how many parameters were trained."""
        names = ("nats_per_token", "without_layer", "parameters", "decoder", "place", "test_tokens")
        return {name: trial.extras[name] for name in names if name in trial.extras}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say what the layer is worth, and what it takes."""
        found = trial.extras
        if trial.quality is None or "without_layer" not in found:
            return super().headline(trial, artifact)
        worth = f"{trial.quality:.3f} bits per character, {found['without_layer']:.3f} without the layer"
        size = f"{found['parameters']:,} trained parameters in block {found['block']} of {found['decoder']}"
        written = () if artifact is None else (f"layer: {artifact}",)
        return Headline((worth, size, *written))
