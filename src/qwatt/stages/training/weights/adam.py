"""Adam on batches of 16 (arXiv:1412.6980): what the authors compare with, and what a user would take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.training.weights.candidates import evaluations
from qwatt.stages.training.weights.method import EPOCHS, Found, Training, WeightsMethod, pass_flops
from qwatt.stages.training.weights.network import PENALTY, Weights, objective

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")
    _dynamo, _monitor = lazy("torch._dynamo"), lazy("torch.profiler._cupti_monitor")
    # torch imports these two at an optimiser's first step, which is inside an energy window

BATCH = 16
PASSES = 3
"""A forward and a backward pass, which takes twice as long, in loss evaluations."""
_STEP_WORK = 3.0
"""Calibrated optimiser steps that one on this network takes: layers, their penalty, a shuffled batch."""
PATIENCE = 100
"""Epochs without a lower loss after which a training ends."""


@method
class Adam(WeightsMethod):
    """Gradients of the same objective from the same random weights.

    An epoch counts as 4 loss evaluations: one to keep the best weights by, and 3 for its gradients. With
    `epochs` 0 it may use as many as the searches with their 10 epochs, which pay for tens of thousands; it
    ends earlier only where 100 epochs have not lowered the loss.
    """

    name: ClassVar[str] = "adam"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1412.6980", "torch.optim.Adam")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "learning_rate": (1e-2, 3e-3, 3e-2, 1e-3),
        "epochs": (10, 100),
    }
    limits: ClassVar[Mapping[str, Limit]] = {"epochs": (0, 1e9)}

    def find(self, training: Training, start: Weights, settings: Settings, context: Context) -> Found:
        """Train; the loss of an epoch is computed once more on all rows, and counted."""
        most = epochs_of(settings, training.widths)
        matrices = [torch.tensor(matrix, requires_grad=True) for matrix in start]
        optimiser = torch.optim.Adam(matrices, lr=float(settings["learning_rate"]))
        x, labels = torch.from_numpy(training.x), torch.from_numpy(training.labels)
        best, curve, since = start, [objective(start, training.x, training.labels)], 0
        with context.phase(Ring.KERNEL, "train"):
            for epoch in range(most):
                _epoch(matrices, optimiser, x, labels, context.rng)
                found = tuple(matrix.detach().numpy().copy() for matrix in matrices)
                loss = objective(found, training.x, training.labels)
                best, since = (found, 0) if loss < min(curve) else (best, since + 1)
                curve.append(loss)
                context.progress(epoch + 1, most, "epochs")
                if since == PATIENCE:
                    break
        done = len(curve) - 1
        notes = {"epochs": done, "last_loss": curve[-1]}
        return Found(best, [*curve, min(curve)], (PASSES + 1.0) * done, {}, notes)

    def effort(self, rows: int, widths: tuple[int, ...], settings: Settings, shots: int | None) -> Effort:
        """Count three passes and one more an epoch, and the steps."""
        epochs = epochs_of(settings, widths)
        work = {
            "gemm_flop": epochs * (PASSES + 1.0) * pass_flops(rows, widths),
            "iteration": _STEP_WORK * epochs * -(-rows // BATCH),
        }
        return Effort(work=work)


def epochs_of(settings: Settings, widths: tuple[int, ...]) -> int:
    """Return the epochs asked for, or for 0 those that the searches' evaluations pay for."""
    asked = int(settings["epochs"])
    return asked or EPOCHS["epochs"][0] * evaluations(widths) // (PASSES + 1)


def _epoch(
    matrices: Sequence[torch.Tensor],
    optimiser: torch.optim.Optimizer,
    x: torch.Tensor,
    labels: torch.Tensor,
    rng: np.random.Generator,
) -> None:
    order = torch.from_numpy(rng.permutation(len(labels)))
    for rows in torch.split(order, BATCH):
        optimiser.zero_grad()
        values = x[rows]
        for matrix in matrices[:-1]:
            values = torch.tanh(values @ matrix)
        loss = torch.nn.functional.cross_entropy(values @ matrices[-1], labels[rows])
        penalty = sum((matrix.square().sum() for matrix in matrices), torch.zeros(()))
        (loss + PENALTY * penalty).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
