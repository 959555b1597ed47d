"""Trains what was grafted into a frozen decoder, and measures the loss on a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Context
from qwatt.language.decoder.optimiser import trapezoid
from qwatt.language.decoder.text_windows import Windows, window_order
from qwatt.stages.architecture.layer.frozen import Predict
from qwatt.stages.architecture.layer.graft import Graft
from qwatt.stages.architecture.layer.settings import Setup

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")
    _dynamo, _monitor = lazy("torch._dynamo"), lazy("torch.profiler._cupti_monitor")
    # torch imports these two at an optimiser's first step, which is inside an energy window

_WARM_UP = 0.05
"""Share of the steps in which the learning rate rises; afterwards it falls linearly to 0."""
_BATCH_TOKENS = 2048


def train_graft(
    predict: Predict,
    graft: Graft,
    setup: Setup,
    states: torch.Tensor,
    learning_rate: float,
    context: Context,
) -> NDArray[np.float32]:
    """Train in place by AdamW without weight decay; return the loss of every step, nats per token.

    Args:
        predict: the decoder from the block on.
        graft: inserted into it; it is left in evaluation mode.
        setup: the text, and the steps and the windows in each.
        states: what enters the block, shape (windows, context, width).
        learning_rate: the highest.
        context: draws the order of the windows, anew each time all were seen, and is told of steps.
    """
    trained, windows, steps = graft.trained(), setup.frozen.train, setup.steps
    optimiser = torch.optim.AdamW(trained, lr=learning_rate, weight_decay=0.0)
    losses = np.zeros(steps, dtype=np.float32)
    order = window_order(len(windows), steps * setup.batch, context.rng)
    graft.training(True)
    for step, rows in enumerate(np.split(order, steps)):
        optimiser.param_groups[0]["lr"] = learning_rate * rate_factor(step, steps)
        ids = torch.from_numpy(windows[rows])
        logits = predict(ids[:, :-1], states[torch.from_numpy(rows)])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses[step] = float(loss.detach())
        context.progress(step + 1, steps, "steps")
    graft.training(False)
    return losses


def rate_factor(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step: it rises, then falls linearly to 0 behind the last."""
    rise = max(1.0, _WARM_UP * steps)
    return trapezoid(step, steps, rise, steps - rise + 1)


def window_nats(predict: Predict, windows: Windows, states: torch.Tensor) -> NDArray[np.float64]:
    """Return the nats that the predicted tokens of each window take, shape (windows,)."""
    size = max(1, _BATCH_TOKENS // (windows.shape[1] - 1))
    found = []
    with torch.no_grad():
        for start in range(0, len(windows), size):
            ids = torch.from_numpy(windows[start : start + size])
            logits = predict(ids[:, :-1], states[start : start + size]).float()
            nats = torch.nn.functional.cross_entropy(logits.mT, ids[:, 1:], reduction="none")
            found.append(nats.double().sum(1).numpy())
    return np.concatenate(found)
