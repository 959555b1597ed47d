"""Settings that all layers share: where the layer goes, into which decoder, how large, on how many tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qwatt.core.limits import Limit
from qwatt.core.method import Settings
from qwatt.language.decoder import MODEL_LIMITS, MODEL_SPACE, chosen_decoder
from qwatt.stages.architecture.layer.frozen import Frozen, frozen
from qwatt.stages.architecture.layer.problem import CircuitShape, LayerProblem

COMMON: dict[str, Sequence[Any]] = {
    "learning_rate": (3e-2, 1e-2, 1e-1, 3e-1),
    **MODEL_SPACE,
    "place": ("adapter",),
    "block": (-1,),
    "qubits": (0,),
    "reuploads": (0,),
    "layers": (0,),
    "tokens": (0,),
}
"""The tuner chooses the learning rate; the rest is for the user to fix, for all methods at once.

"auto" and 0 take what the size of the problem says. `place` is "adapter", behind the block's feed-forward
part, or "ffn", in its place. `qubits`, `reuploads` and `layers` make the quantum layer, whose number of
parameters all others have. `tokens` are trained on.
"""

LIMITS: dict[str, Limit] = {
    **MODEL_LIMITS,
    "place": frozenset({"adapter", "ffn"}),
    "block": (-1, 1_000),
    "qubits": (0, 16),
    "reuploads": (0, 10),
    "layers": (0, 20),
    "tokens": (0, 100_000_000),
}


@dataclass(frozen=True)
class Setup:
    """One choice of the settings, on a problem.

    Args:
        frozen: the decoder, cut before the block, and the text in tokens.
        place: "adapter" or "ffn".
        shape: of the quantum layer.
        batch: windows in a step.
        steps: optimiser steps.
    """

    frozen: Frozen
    place: str
    shape: CircuitShape
    batch: int
    steps: int

    @property
    def options(self) -> dict[str, Any]:
        """What every layer of `qwatt.torch` is told of its place."""
        return {"residual": self.place == "adapter", "gain": self.frozen.stream_size}

    @property
    def rows(self) -> int:
        """Tokens in a step."""
        return self.batch * self.frozen.context


def setup(problem: LayerProblem, settings: Settings) -> Setup:
    """Return what settings mean on a problem.

    Raises:
        QwattError: no such decoder or block, or too little text.
    """
    found = frozen(chosen_decoder(settings, problem.decoder), problem, int(settings["block"]))
    own = problem.shape
    shape = CircuitShape(
        settings["qubits"] or own.qubits,
        settings["reuploads"] or own.reuploads,
        settings["layers"] or own.layers,
    )
    batch = max(1, problem.budget.batch // found.context)
    tokens = settings["tokens"] or problem.budget.train
    steps = max(1, tokens // (batch * found.context))
    return Setup(found, str(settings["place"]), shape, batch, steps)
