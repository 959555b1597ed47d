"""Muon: momentum made orthogonal, for matrices; AdamW for the rest (arXiv:2502.16982)."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

_REST = {"beta2": 0.99}


@method
class Muon(BackpropMethod):
    """Momentum whose singular values are all made 1; embeddings, norms and biases go by AdamW."""

    name = "muon"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2502.16982",)
    space = {"learning_rate": (0.02, 0.05, 0.1, 0.01), "rest_rate": (0.006, 0.02)}

    def optimisers(self, named: Named, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return Muon for the matrices of layers, and AdamW for what else there is."""
        inside, rest = matrices(named)
        rate = float(settings["learning_rate"])
        weights = [values for _, values in inside]
        found: list[torch.optim.Optimizer] = [torch.optim.Muon(weights, lr=rate, weight_decay=0.0)]
        if rest:
            found.append(adamw(rest, _REST | {"learning_rate": settings["rest_rate"]}))
        return found
