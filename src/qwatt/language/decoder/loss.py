"""The loss of a decoder on held-back text: nats per token, and bits per character across tokenizers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.language.decoder.decoder import Decoder, decoder_tokens
from qwatt.language.decoder.vocabulary import Tokens

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_BATCH_TOKENS = 4096


def validation_loss(model: Any, tokens: Tokens, context: int, windows: int | None = None) -> float:
    """Return the mean nats that each token after the first takes, from what stands before it in its window.

    Windows do not overlap: the first token of one is predicted from one token, the last from `context`.

    Args:
        model: a causal language model of transformers.
        tokens: ids in a row, shape (tokens,).
        context: tokens that a window predicts.
        windows: take so many windows, spread evenly; all of them when None.

    Raises:
        QwattError: fewer than two tokens.
    """
    if len(tokens) < 2:
        raise QwattError("a loss needs two tokens or more", where="held-back text", mend="give more text")
    total, count = 0.0, 0
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            for inputs, targets in _batches(tokens, context, windows):
                logits = model(input_ids=inputs, use_cache=False).logits.float()
                losses = torch.nn.functional.cross_entropy(
                    logits.flatten(0, 1), targets.flatten(), reduction="sum"
                )
                total, count = total + float(losses), count + targets.numel()
    finally:
        model.train(training)
    return total / count


def bits_per_character(decoder: Decoder, texts: Sequence[str]) -> float:
    """Return the bits of all tokens of texts, and of what parts them, over their characters.

    Raises:
        QwattError: fewer than two tokens.
    """
    tokens = decoder_tokens(decoder, texts)
    loss = validation_loss(decoder.model, tokens, decoder.context)
    return loss * (len(tokens) - 1) / math.log(2) / sum(map(len, texts))


def _batches(
    tokens: Tokens, context: int, windows: int | None
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield ids and the ids that follow them, shape (windows, context), the rest of the text last."""
    whole = (len(tokens) - 1) // context
    starts = np.arange(whole) * context
    if windows is not None and windows < whole:
        starts = starts[np.linspace(0, whole - 1, windows).round().astype(int)]
    elif (len(tokens) - 1) % context:
        rest = torch.from_numpy(tokens[whole * context :])[None]
        yield rest[:, :-1], rest[:, 1:]
    size = max(1, _BATCH_TOKENS // context)
    for first in range(0, len(starts), size):
        places = starts[first : first + size, None] + np.arange(context + 1)
        rows = torch.from_numpy(tokens[places])
        yield rows[:, :-1], rows[:, 1:]
