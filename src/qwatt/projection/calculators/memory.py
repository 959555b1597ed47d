"""Whether a model and its key-value cache fit into accelerators' memory."""

from __future__ import annotations

import math

from qwatt.core.errors import QwattError
from qwatt.projection.catalogued.accelerators import Accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.catalogued.models import LanguageModel
from qwatt.projection.spread import Span


def usable_bytes(chip: Accelerator, gpus: int) -> float:
    """Return the bytes that a server may fill."""
    return gpus * chip.memory.value * Span.of(constant("inference", "memory_headroom"), "1").value


def fewest_gpus(model: LanguageModel, chip: Accelerator, weight_bytes: float) -> int:
    """Return the smallest power of two of accelerators that holds the weights and leaves room for a cache."""
    needed = 1.2 * weight_bytes * model.params / usable_bytes(chip, 1)
    return int(2 ** max(math.ceil(math.log2(needed)), 0))


def require_fit(model: LanguageModel, chip: Accelerator, gpus: int, weight_bytes: float) -> None:
    """Refuse accelerators that cannot hold the weights.

    Raises:
        QwattError: the weights alone exceed the memory.
    """
    need, have = weight_bytes * model.params, gpus * chip.memory.value
    if need > have:
        fewest = fewest_gpus(model, chip, weight_bytes)
        raise QwattError(
            f"gpus is {gpus}: {have / 1e9:.0f} GB of {chip.id}; {model.name} weighs {need / 1e9:.0f} GB",
            where="gpus",
            mend=f"give at least {fewest} accelerators, or a smaller precision",
        )


def largest_batch(
    model: LanguageModel, chip: Accelerator, gpus: int, weight_bytes: float, request_bytes: float
) -> float:
    """Return how many requests fit beside the weights, at least 1.

    Args:
        model, chip, gpus: what serves.
        weight_bytes: bytes of a weight.
        request_bytes: cached bytes of a mean request.
    """
    room = usable_bytes(chip, gpus) - weight_bytes * model.params
    return max(room / request_bytes, 1.0) if request_bytes > 0 else math.inf
