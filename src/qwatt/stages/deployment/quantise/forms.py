"""The forms in which this machine can run a decoder: float32, bfloat16, and 8 bits by torch."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

FORMS = ("float32", "bfloat16", "int8")


def in_form(model: Any, form: str) -> Any:
    """Return a decoder of float32 in another form; the one that came may be changed.

    Args:
        model: a causal language model of transformers.
        form: one of `FORMS`.
    """
    if form == "int8":
        return dynamic_int8(model, inplace=True)
    return model.to(torch.bfloat16) if form == "bfloat16" else model


def dynamic_int8(model: Any, inplace: bool = False) -> Any:
    """Return a decoder whose linear layers multiply in 8 bits, with a scale for each output.

    Args:
        model: a causal language model of transformers.
        inplace: whether it is the model itself that changes, not a copy.
    """
    quantization: Any = torch.ao.quantization
    chosen = {torch.nn.Linear: quantization.per_channel_dynamic_qconfig}
    own = model if inplace else copy.deepcopy(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says that torchao will replace it
        return quantization.quantize_dynamic(own, chosen, dtype=torch.qint8, inplace=True)
