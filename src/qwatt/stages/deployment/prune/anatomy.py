"""Where heads and feed-forward channels are in Llama, Qwen2, Mistral and what is built like them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qwatt.core.errors import QwattError

_ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
_FEED_FORWARD = ("gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Anatomy:
    """Sizes of a decoder whose blocks are alike.

    Args:
        blocks: how many.
        heads: key-value heads of a block; each goes or stays with the query heads that read it.
        queries: query heads of a key-value head.
        head_size: numbers of a head.
        channels: feed-forward channels of a block.
    """

    blocks: int
    heads: int
    queries: int
    head_size: int
    channels: int

    @property
    def head_width(self) -> int:
        """Inputs of the attention's output matrix that belong to a key-value head."""
        return self.queries * self.head_size


def blocks_of(model: Any) -> Any:
    """Return the blocks, a `ModuleList`.

    Raises:
        QwattError: the decoder is built otherwise.
    """
    blocks = getattr(getattr(model, "model", None), "layers", None)
    for block in blocks if blocks is not None else (None,):
        attention, feed_forward = getattr(block, "self_attn", None), getattr(block, "mlp", None)
        missing = [name for name in _ATTENTION if not hasattr(attention, name)]
        missing += [name for name in _FEED_FORWARD if not hasattr(feed_forward, name)]
        if missing:
            raise QwattError(
                f"{type(model).__name__} has no {missing[0]} in each block: it is not built like Llama",
                where="model",
                mend="give a decoder of the families Llama, Qwen2, Qwen3, Mistral or SmolLM2",
            )
    return blocks


def anatomy(model: Any) -> Anatomy:
    """Return the sizes of a decoder.

    Raises:
        QwattError: it is not built like Llama.
    """
    blocks = blocks_of(model)
    attention, config = blocks[0].self_attn, model.config
    heads = int(config.num_key_value_heads)
    return Anatomy(
        blocks=len(blocks),
        heads=heads,
        queries=int(config.num_attention_heads) // heads,
        head_size=int(attention.head_dim),
        channels=int(blocks[0].mlp.down_proj.in_features),
    )
