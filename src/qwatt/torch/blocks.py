"""Where a layer goes in a transformer: behind the feed-forward part of a block, or in its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from qwatt.core.errors import QwattError, unknown_name
from qwatt.torch.bottleneck import Bottleneck

PLACES = ("adapter", "ffn")
"""Behind a block's feed-forward part, or instead of it."""


class Adapted(nn.Module):
    """A feed-forward part and the layer behind it.

    Args:
        feed_forward: the block's own part.
        layer: takes its output.
    """

    def __init__(self, feed_forward: nn.Module, layer: nn.Module) -> None:
        super().__init__()
        self.feed_forward, self.layer = feed_forward, layer

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's output."""
        found: Tensor = self.layer(self.feed_forward(x))
        return found


class Nothing(nn.Module):
    """In the place of a feed-forward part: the residual stream goes on as it is."""

    def forward(self, x: Tensor) -> Tensor:
        """Return zeros of the input's shape."""
        return torch.zeros_like(x)


def blocks_of(model: nn.Module) -> Any:
    """Return a transformer's blocks, a `ModuleList`: Llama, Qwen, Mistral, Gemma, GPT-2, GPT-NeoX and alike.

    Raises:
        QwattError: it has no list of blocks with a feed-forward part `mlp`.
    """
    for part in model.modules():
        if isinstance(part, nn.ModuleList) and len(part) and all(hasattr(block, "mlp") for block in part):
            return part
    raise QwattError(
        f"{type(model).__name__} has no blocks with a feed-forward part named mlp",
        mend="take a decoder built like Llama or GPT-2, or put the layer into the model yourself",
    )


@contextmanager
def attached(
    model: nn.Module, layer: nn.Module, block: int = -1, place: str = "adapter"
) -> Iterator[nn.Module]:
    """Put a layer into a block of a model for as long as the context lasts; yield the model.

    Args:
        model: a decoder of transformers; its own weights are left as they are, frozen or not.
        layer: takes (..., hidden size); an adapter adds its input itself, a replacement must not.
        block: which one; -1 is the last.
        place: "adapter", behind the feed-forward part, or "ffn", in its place.

    Raises:
        QwattError: no such block or place, or the layer's residual does not fit the place.
    """
    target = find_block(model, block)
    if place not in PLACES:
        raise unknown_name("place", place, PLACES)
    if isinstance(layer, Bottleneck) and layer.residual != (place == "adapter"):
        raise QwattError(
            f"a layer with residual={layer.residual} does not go to the place {place!r}",
            mend="build it with residual=True for an adapter, residual=False for ffn",
        )
    own = target.mlp
    target.mlp = Adapted(own, layer) if place == "adapter" else layer
    try:
        yield model
    finally:
        target.mlp = own


def find_block(model: nn.Module, block: int) -> Any:
    """Return a block by number, -1 for the last.

    Raises:
        QwattError: there is none of that number.
    """
    found = blocks_of(model)
    if not -len(found) <= block < len(found):
        mend = f"give 0 to {len(found) - 1}, or -1 for the last"
        raise QwattError(f"no block {block} in a model of {len(found)}", where="block", mend=mend)
    return found[block]
