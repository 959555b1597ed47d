"""Muon: momentum made orthogonal, for matrices; AdamW for the rest (arXiv:2502.16982)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.language.decoder.optimiser import Named, matrices
from qwatt.stages.training.optimise.adamw import adamw
from qwatt.stages.training.optimise.backprop import BackpropMethod

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_REST_BETA2 = 0.99


@method
class Muon(BackpropMethod):
    """Momentum whose singular values are all made 1; embeddings, norms and biases go by AdamW."""

    name = "muon"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2502.16982",)
    space = {"rate": (1.0, 0.5, 2.0, 0.25), "rest_rate": (0.006, 0.012)}
    usual: ClassVar[Mapping[str, float]] = {"circuit": 0.1, "decoder": 0.02}

    def optimisers(self, named: Named, rate: float, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return Muon for the matrices of layers, and AdamW for what else there is."""
        inside, rest = matrices(named)
        weights = [values for _, values in inside]
        found: list[torch.optim.Optimizer] = [torch.optim.Muon(weights, lr=rate, weight_decay=0.0)]
        if rest:
            found.append(adamw(rest, float(settings["rest_rate"]), _REST_BETA2))
        return found
