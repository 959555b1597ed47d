"""A decoder: a causal language model of transformers with its tokenizer, by a name and a digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qwatt.language.decoder.vocabulary import Tokens, encode
from qwatt.language.network import check_entries


@dataclass(frozen=True, eq=False)
class Decoder:
    """A model and its tokenizer, the caller's own: each load makes new ones, which may be changed.

    Args:
        model: a causal language model of transformers, in evaluation mode, fp32.
        tokenizer: a tokenizer of transformers.
        name: what it was asked for by.
        digest: SHA-256 over all files that change what it computes.
        context: tokens in a window that it is evaluated and trained on here; the model may take longer ones.
        note: what a reader of its numbers must know, such as that its weights were 4-bit; may be empty.
    """

    model: Any
    tokenizer: Any
    name: str
    digest: str
    context: int
    note: str = ""

    @property
    def parameters(self) -> int:
        """Number of weights, tied ones counted once."""
        return sum(weights.numel() for weights in self.model.parameters())


def decoder_tokens(decoder: Decoder, texts: Sequence[str]) -> Tokens:
    """Return the ids of all texts in a row, each with the separator after it, int64 of shape (tokens,).

    Raises:
        QwattError: the tokenizer has entries that the model has no vectors for, and a text needs one.
    """
    ids = encode(decoder.tokenizer, texts)
    if len(ids):
        check_entries(int(ids.max()), decoder.model, decoder.name)
    return ids
