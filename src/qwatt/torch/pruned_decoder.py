"""Decoders whose blocks are not equally wide. A copy of this file lies in each folder that needs it.

It changes nothing but sizes: transformers' own classes build each block from a configuration of its own.
`config.pruned_widths` holds query heads, key-value heads and feed-forward channels of every block.
"""

from __future__ import annotations

import copy
from typing import Any

import transformers


def resize(model: Any, config: Any) -> None:
    """Build every block's attention and feed-forward part anew, in its own size."""
    for number, (queries, heads, channels) in enumerate(config.pruned_widths):
        own = copy.copy(config)
        own.num_attention_heads, own.num_key_value_heads, own.intermediate_size = queries, heads, channels
        block = model.model.layers[number]
        block.self_attn = type(block.self_attn)(own, layer_idx=number)
        block.self_attn.config = config
        block.mlp = type(block.mlp)(own)
    model.post_init()


class PrunedLlamaForCausalLM(transformers.LlamaForCausalLM):  # type: ignore[misc]
    """Llama with widths of each block's own."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        resize(self, config)


class PrunedMistralForCausalLM(transformers.MistralForCausalLM):  # type: ignore[misc]
    """Mistral with widths of each block's own."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        resize(self, config)


class PrunedQwen2ForCausalLM(transformers.Qwen2ForCausalLM):  # type: ignore[misc]
    """Qwen2 with widths of each block's own."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        resize(self, config)


class PrunedQwen3ForCausalLM(transformers.Qwen3ForCausalLM):  # type: ignore[misc]
    """Qwen3 with widths of each block's own."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        resize(self, config)
