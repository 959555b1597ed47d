"""Where heads and feed-forward channels are in networks that are built like Llama or like BERT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qwatt.core.errors import QwattError


@dataclass(frozen=True)
class Layout:
    """Names of what a block holds, as attributes from the block on, and of the blocks from the model on.

    Args:
        blocks: of the list of blocks.
        query: matrix whose rows are those of the query heads.
        keys: matrices whose rows are those of the key-value heads.
        attended: matrix that the heads enter.
        inner: matrices whose rows are the feed-forward channels.
        fed: matrix that the channels enter.
    """

    blocks: str
    query: str
    keys: tuple[str, ...]
    attended: str
    inner: tuple[str, ...]
    fed: str

    @property
    def matrices(self) -> tuple[str, ...]:
        """All of a block's."""
        return self.query, *self.keys, self.attended, *self.inner, self.fed


LLAMA = Layout(
    "model.layers",
    "self_attn.q_proj",
    ("self_attn.k_proj", "self_attn.v_proj"),
    "self_attn.o_proj",
    ("mlp.gate_proj", "mlp.up_proj"),
    "mlp.down_proj",
)
BERT = Layout(
    "encoder.layer",
    "attention.self.query",
    ("attention.self.key", "attention.self.value"),
    "attention.output.dense",
    ("intermediate.dense",),
    "output.dense",
)


@dataclass(frozen=True)
class Anatomy:
    """Sizes of a network whose blocks are alike.

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


def part_of(model: Any, name: str) -> Any:
    """Return what attributes in a row lead to, None where one is missing."""
    for step in name.split("."):
        model = getattr(model, step, None)
    return model


def layout_of(model: Any) -> Layout:
    """Return the layout of a model.

    Raises:
        QwattError: its blocks are built otherwise.
    """
    layout = BERT if part_of(model, BERT.blocks) is not None else LLAMA
    blocks = part_of(model, layout.blocks)
    for block in blocks if blocks is not None else (None,):
        missing = [name for name in layout.matrices if part_of(block, name) is None]
        if missing:
            what = f"{type(model).__name__} has no {missing[0].rpartition('.')[2]} in each block"
            raise QwattError(
                f"{what}: it is not built like {'BERT' if layout is BERT else 'Llama'}",
                where="model",
                mend="give a decoder of the families Llama, Qwen2, Qwen3, Mistral or SmolLM2, "
                "or an encoder such as BERT or MiniLM",
            )
    return layout


def blocks_of(model: Any) -> Any:
    """Return the blocks, a `ModuleList`.

    Raises:
        QwattError: as `layout_of`.
    """
    return part_of(model, layout_of(model).blocks)


def anatomy(model: Any) -> Anatomy:
    """Return the sizes of a model.

    Raises:
        QwattError: as `layout_of`.
    """
    layout = layout_of(model)
    blocks, queries = part_of(model, layout.blocks), int(model.config.num_attention_heads)
    head_size = part_of(blocks[0], layout.query).out_features // queries
    heads = part_of(blocks[0], layout.keys[0]).out_features // head_size
    return Anatomy(
        blocks=len(blocks),
        heads=heads,
        queries=queries // heads,
        head_size=head_size,
        channels=int(part_of(blocks[0], layout.fed).in_features),
    )
