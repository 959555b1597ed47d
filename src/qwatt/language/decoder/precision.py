"""bf16 where the processor multiplies matrices in it, with attention in fp32; else fp32 throughout.

The flash kernel's backward pass is several times slower in bf16 than in fp32 on a CPU: queries, keys and
values are widened for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import unknown_name
from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

PRECISIONS = ("auto", "bf16", "fp32")
_ATTENTION = "qwatt_fp32"


def choose_precision(wanted: str) -> str:
    """Return "bf16" or "fp32"; "auto" takes bf16 on a processor with matrix units for it (AMX).

    Raises:
        QwattError: no such precision.
    """
    if wanted not in PRECISIONS:
        raise unknown_name("precision", wanted, PRECISIONS, where="precision")
    if wanted != "auto":
        return wanted
    supported = getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    return "bf16" if supported() else "fp32"


@contextmanager
def wide_attention(model: Any, precision: str) -> Iterator[None]:
    """Let a model attend in fp32 whatever it computes in; what it did before is put back afterwards."""
    if precision == "fp32":
        yield
        return
    _register()
    before = model.config._attn_implementation
    model.set_attn_implementation(_ATTENTION)
    try:
        yield
    finally:
        model.set_attn_implementation(before)


def computing_in(precision: str) -> torch.autocast:
    """Return the context of one forward pass; kept open over a step, it would go on with the old weights."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16")


@cache
def _register() -> None:
    """Make the attention function and its mask known to transformers."""
    from transformers import AttentionInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

    def attention(
        module: Any, query: Any, key: Any, value: Any, mask: Any, **options: Any
    ) -> tuple[torch.Tensor, None]:
        with torch.autocast("cpu", enabled=False):
            wide = (query.float(), key.float(), value.float())
            found, _ = sdpa_attention_forward(module, *wide, mask, **options)
        return found, None

    AttentionInterface.register(_ATTENTION, attention)
    AttentionMaskInterface.register(_ATTENTION, sdpa_mask)
