"""Trains a student on equal tokens, and reads a part of the text with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Context
from qwatt.language.decoder.optimiser import rate_factor
from qwatt.language.decoder.size import default_rates
from qwatt.language.decoder.text_windows import Windows, spelled_characters
from qwatt.stages.tuning.distil.lesson import Lesson
from qwatt.stages.tuning.distil.objective import Objective, hinton
from qwatt.stages.tuning.distil.problem import Graded
from qwatt.stages.tuning.distil.student import trained

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")
    _dynamo, _monitor = lazy("torch._dynamo"), lazy("torch.profiler._cupti_monitor")
    # torch imports these two at an optimiser's first step, which is inside an energy window

_BATCH_TOKENS = 2048


def train_student(
    model: Any,
    found: Lesson,
    states: torch.Tensor | None,
    objective: Objective,
    steps: int,
    learning_rate: float,
    context: Context,
) -> NDArray[np.float32]:
    """Train in place by AdamW; return the loss of every step.

    Args:
        model: the assembled student; it is left in evaluation mode.
        found: the text, and the teacher's head.
        states: what enters that head, shape (windows, context, width); None without a teacher.
        objective: what is minimised.
        steps: optimiser steps.
        learning_rate: the highest; it rises, stays and falls as in the trainings of the catalogue.
        context: draws the order of the windows, anew each time all were seen, and is told of steps.
    """
    rates = default_rates()
    weights = trained(model) + (objective.term.parameters() if objective.term else [])
    optimiser = torch.optim.AdamW(
        weights, lr=learning_rate, betas=rates.adamw_betas, weight_decay=rates.adamw_weight_decay
    )
    losses = np.zeros(steps, dtype=np.float32)
    order = _order(len(found.train), steps * found.batch, context.rng)
    model.train()
    for step, rows in enumerate(np.split(order, steps)):
        optimiser.param_groups[0]["lr"] = learning_rate * rate_factor(step, steps, rates)
        ids = torch.from_numpy(found.train[rows])
        entering = None if states is None else states[torch.from_numpy(rows)].flatten(0, 1)
        loss = _loss(model, found, ids, entering, objective)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(weights, rates.clip_norm)
        optimiser.step()
        losses[step] = float(loss.detach())
        context.progress(step + 1, steps, "steps")
    model.eval()
    return losses


def _loss(
    model: Any, found: Lesson, ids: torch.Tensor, states: torch.Tensor | None, objective: Objective
) -> torch.Tensor:
    hidden = model.base_model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state.flatten(0, 1)
    logits = model.lm_head(hidden)
    loss: torch.Tensor = torch.nn.functional.cross_entropy(logits, ids[:, 1:].flatten())
    if states is None:
        return loss
    if objective.mixing:
        with torch.no_grad():
            wanted = found.head(states)
        share = objective.mixing
        loss = (1 - share) * loss + share * hinton(logits, wanted, objective.temperature)
    if objective.term is not None:
        loss = loss + objective.weight * objective.term.loss(hidden, states)
    return loss


def judge(model: Any, found: Lesson, windows: Windows) -> Graded:
    """Return how a model, a student or the teacher, predicts the windows."""
    nats, hits = [], 0
    size = max(1, _BATCH_TOKENS // found.context)
    with torch.no_grad():
        for start in range(0, len(windows), size):
            ids = torch.from_numpy(windows[start : start + size])
            logits = model(input_ids=ids[:, :-1], use_cache=False).logits.float()
            losses = torch.nn.functional.cross_entropy(logits.mT, ids[:, 1:], reduction="none")
            nats.append(losses.double().sum(1).numpy())
            hits += int((logits.argmax(-1) == ids[:, 1:]).sum())
    tokens = len(windows) * found.context
    return Graded(np.concatenate(nats), tokens, spelled_characters(found.teacher, windows), hits)


def _order(windows: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    epochs = -(-count // windows)
    return np.concatenate([rng.permutation(windows) for _ in range(epochs)])[:count]
