"""Trains an adapter inside a decoder, and measures the loss on a part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Context
from qwatt.language.decoder.optimiser import trapezoid
from qwatt.language.decoder.text_windows import Windows, window_order
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")
    _dynamo, _monitor = lazy("torch._dynamo"), lazy("torch.profiler._cupti_monitor")
    # torch imports these two at an optimiser's first step, which is inside an energy window

_WARM_UP = 0.05
"""Share of the steps in which the learning rate rises; afterwards it falls linearly to 0."""
_CLIP_NORM = 1.0
BATCH_TOKENS = 2048
"""Tokens that are read at once."""


def train_adapter(
    model: Any, adapter: Adapter, setup: Setup, learning_rate: float, context: Context
) -> NDArray[np.float32]:
    """Train in place by AdamW without weight decay; return the loss of every step, nats per token.

    Args:
        model: with the adapter inside; it is left in evaluation mode.
        adapter: what is trained.
        setup: the text, and the steps and the windows in each.
        learning_rate: the highest.
        context: draws the order of the windows, anew each time all were seen, and is told of steps.
    """
    trained, windows, steps = adapter.parameters(), setup.pretrained.train, setup.steps
    optimiser = torch.optim.AdamW(trained, lr=learning_rate, weight_decay=0.0)
    losses = np.zeros(steps, dtype=np.float32)
    order = window_order(len(windows), steps * setup.batch, np.random.default_rng([context.seed, 21]))
    rise = max(1.0, _WARM_UP * steps)
    model.train()
    for step, rows in enumerate(np.split(order, steps)):
        optimiser.param_groups[0]["lr"] = learning_rate * trapezoid(step, steps, rise, steps - rise + 1)
        ids = torch.from_numpy(windows[rows])
        logits = model(input_ids=ids[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, _CLIP_NORM)
        optimiser.step()
        losses[step] = float(loss.detach())
        context.progress(step + 1, steps, "steps")
    model.eval()
    return losses


def window_nats(model: Any, windows: Windows) -> NDArray[np.float64]:
    """Return the nats that the predicted tokens of each window take, shape (windows,)."""
    size = max(1, BATCH_TOKENS // (windows.shape[1] - 1))
    found = []
    with torch.no_grad():
        for start in range(0, len(windows), size):
            ids = torch.from_numpy(windows[start : start + size])
            logits = model(input_ids=ids[:, :-1], use_cache=False).logits.float()
            nats = torch.nn.functional.cross_entropy(logits.mT, ids[:, 1:], reduction="none")
            found.append(nats.double().sum(1).numpy())
    return np.concatenate(found)
