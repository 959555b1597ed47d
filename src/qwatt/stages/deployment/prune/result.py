"""The pruned model of an answer, as it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.stages.deployment.prune.problem import PruneAnswer
from qwatt.stages.deployment.prune.prunable import Prunable, load_prunable
from qwatt.stages.deployment.prune.slim import slim

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


def pruned(answer: PruneAnswer) -> tuple[Prunable, Any, torch.dtype]:
    """Return the whole model, the pruned one in fp32 with the weights that are saved, and their type."""
    whole = load_prunable(answer.model)
    kind = storage_type(whole.model)
    return whole, slim(whole.model, answer.kept, answer.weights).to(kind).float(), kind


def storage_type(model: Any) -> torch.dtype:
    """Return the narrowest type that holds all weights exactly: what was saved in 16 bits stays so."""
    weights = [w.detach() for w in model.parameters()]
    for kind in (torch.bfloat16, torch.float16):
        if all(torch.equal(w.to(kind).to(w.dtype), w) for w in weights):
            return kind
    return torch.float32
