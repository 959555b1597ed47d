"""Encoders whose blocks have fewer heads, or are not equally wide. A copy lies in each folder that needs it.

It changes nothing but sizes: transformers' own class builds each block. `config.pruned_widths` holds query
heads, key-value heads and feed-forward channels of every block; `config.pruned_head_size` is a head's size.
"""

from __future__ import annotations

from typing import Any

import torch
import transformers


def resize(model: Any, config: Any) -> None:
    """Put matrices of each block's own size in the place of those that it was built with."""
    size, width = config.pruned_head_size, config.hidden_size
    for block, (heads, _, channels) in zip(model.encoder.layer, config.pruned_widths, strict=True):
        attention = block.attention.self
        attention.num_attention_heads, attention.attention_head_size = heads, size
        attention.all_head_size, attention.scaling = heads * size, size**-0.5
        for name in ("query", "key", "value"):
            setattr(attention, name, torch.nn.Linear(width, heads * size))
        block.attention.output.dense = torch.nn.Linear(heads * size, width)
        block.intermediate.dense = torch.nn.Linear(width, channels)
        block.output.dense = torch.nn.Linear(channels, width)
    model.post_init()


class PrunedBertModel(transformers.BertModel):  # type: ignore[misc]
    """BERT with widths of each block's own."""

    def __init__(self, config: Any, add_pooling_layer: bool = True) -> None:
        super().__init__(config, add_pooling_layer)
        resize(self, config)


class PrunedRobertaModel(transformers.RobertaModel):  # type: ignore[misc]
    """RoBERTa with widths of each block's own."""

    def __init__(self, config: Any, add_pooling_layer: bool = True) -> None:
        super().__init__(config, add_pooling_layer)
        resize(self, config)


class PrunedXLMRobertaModel(transformers.XLMRobertaModel):  # type: ignore[misc]
    """XLM-RoBERTa with widths of each block's own."""

    def __init__(self, config: Any, add_pooling_layer: bool = True) -> None:
        super().__init__(config, add_pooling_layer)
        resize(self, config)
