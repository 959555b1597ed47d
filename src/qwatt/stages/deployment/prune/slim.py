"""The pruned model itself: a new one with smaller tensors, which computes what the masked one did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.stages.deployment.prune.anatomy import BERT, Anatomy, Layout, anatomy, layout_of
from qwatt.stages.deployment.prune.problem import Indices, Kept

if TYPE_CHECKING:
    import torch

    from qwatt.torch import pruned_decoder, pruned_encoder
else:
    torch = lazy("torch")
    pruned_decoder, pruned_encoder = lazy("qwatt.torch.pruned_decoder"), lazy("qwatt.torch.pruned_encoder")


@dataclass(frozen=True)
class _Slice:
    """What stays of one block, at least one head and one channel.

    Args:
        heads: key-value heads.
        channels: feed-forward channels.
        no_heads: all heads were cut: one stays so that the block has a shape, and is silent.
        no_channels: all channels were cut, likewise.
    """

    heads: Indices
    channels: Indices
    no_heads: bool
    no_channels: bool


def slim(model: Any, kept: Kept, weights: Mapping[str, NDArray[Any]] | None = None) -> Any:
    """Return the pruned model, in evaluation mode; the given one stays as it is.

    One configuration holds equal widths, and the model is of the class that it was. Other widths, and a
    number of heads that does not divide the width of the model, which Llama's configuration refuses, make it
    one of `qwatt.torch.pruned_decoder`. So does any smaller number of heads of BERT's, of which transformers
    takes the size for the width over the number: one of `qwatt.torch.pruned_encoder`.

    Args:
        model: built like Llama or like BERT.
        kept: what stays.
        weights: weights of the whole model that take the place of its own, by name.

    Raises:
        QwattError: it needs widths of each block's own, which are not written for its family.
    """
    a, state = anatomy(model), dict(model.state_dict())
    state |= {name: torch.from_numpy(np.array(values)) for name, values in (weights or {}).items()}
    slices = [_slice(kept, int(block)) for block in kept.blocks]
    found = _empty(model, a, kept, slices)
    layout = layout_of(model)
    smaller = {name: values for name, values in state.items() if not name.startswith(f"{layout.blocks}.")}
    for new, (old, part) in enumerate(zip(kept.blocks, slices, strict=True)):
        prefix = f"{layout.blocks}.{old}."
        for name, values in state.items():
            if name.startswith(prefix):
                own = name.removeprefix(prefix)
                smaller[f"{layout.blocks}.{new}.{own}"] = _cut(own, values, part, a, layout)
    found.load_state_dict(smaller)
    found.requires_grad_(False)
    return found.to(next(model.parameters()).dtype).eval()


def needs_own_code(model: Any) -> bool:
    """Return whether a pruned model loads by its own file only."""
    return hasattr(model.config, "pruned_widths")


def _slice(kept: Kept, block: int) -> _Slice:
    heads, channels, one = kept.heads[block], kept.channels[block], np.zeros(1, dtype=np.int64)
    return _Slice(
        heads if len(heads) else one,
        channels if len(channels) else one,
        not len(heads),
        not len(channels),
    )


def _cut(name: str, values: torch.Tensor, part: _Slice, a: Anatomy, layout: Layout) -> torch.Tensor:
    """Return the rows or columns of a block's tensor that stay."""
    matrix, _, kind = name.rpartition(".")
    heads, channels = torch.from_numpy(part.heads), torch.from_numpy(part.channels)
    if matrix == layout.query:
        return values[_spread(heads, a.head_width)]
    if matrix in layout.keys:
        return values[_spread(heads, a.head_size)]
    if matrix in layout.inner:
        return values[channels]
    if matrix == layout.attended and kind == "weight":
        found = values[:, _spread(heads, a.head_width)]
        return torch.zeros_like(found) if part.no_heads else found
    if matrix == layout.fed and kind == "weight":
        found = values[:, channels]
        return torch.zeros_like(found) if part.no_channels else found
    return values


def _spread(heads: torch.Tensor, width: int) -> torch.Tensor:
    return (heads[:, None] * width + torch.arange(width)).flatten()


def _empty(model: Any, a: Anatomy, kept: Kept, slices: list[_Slice]) -> Any:
    """Return a model of the new sizes, its weights not yet set."""
    record, kind = model.config.to_dict() | {"num_hidden_layers": len(slices)}, type(model)
    if layout_of(model) is not BERT:
        record["head_dim"] = a.head_size
    if record.get("layer_types"):
        record["layer_types"] = [record["layer_types"][int(block)] for block in kept.blocks]
    widths = [(len(s.heads) * a.queries, len(s.heads), len(s.channels)) for s in slices]
    with torch.random.fork_rng(devices=[]):
        if len(set(widths)) == 1 and (found := _of_one_width(model, a, record, widths[0])) is not None:
            return found
        own = _own_class(kind)
        if own is None:
            what = f"{kind.__name__} cannot have other widths in each block"
            raise QwattError(what, where="widths", mend="set widths=uniform")
        config = type(model.config).from_dict(record)
        config.pruned_widths = [list(width) for width in widths]
        if "head_dim" not in record:
            config.pruned_head_size = a.head_size
        return own(config)


def _of_one_width(model: Any, a: Anatomy, record: dict[str, Any], width: tuple[int, int, int]) -> Any:
    """Return a model of the class that it was, None where no configuration of its family holds the width."""
    names = ("num_attention_heads", "num_key_value_heads", "intermediate_size")
    sizes = {name: size for name, size in zip(names, width, strict=True) if name in record}
    if "head_dim" not in record and a.head_size * width[0] != int(record["hidden_size"]):
        return None
    try:
        return type(model)(type(model.config).from_dict(record | sizes))
    except Exception as error:  # its configuration's own check, of whatever type
        if "multiple of the number of attention" not in str(error):
            raise
    return None


def _own_class(kind: type) -> Any:
    """Return the class of the same name, "Pruned" before it, whose blocks are of widths of their own."""
    rooms = (pruned_decoder, pruned_encoder)
    found = (getattr(room, f"Pruned{kind.__name__}", None) for room in rooms)
    return next((own for own in found if own is not None), None)
