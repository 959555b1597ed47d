"""The decoder's own tokenizer: byte-level BPE (arXiv:1508.07909) and one entry that parts texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.language.byte_level import alphabet, byte_level

if TYPE_CHECKING:
    import tokenizers
    from tokenizers import models, trainers
else:
    tokenizers = lazy("tokenizers")
    models, trainers = lazy("tokenizers.models"), lazy("tokenizers.trainers")

SEPARATOR = "<|endoftext|>"
"""Stands after every text, and before a text that is generated; never learnt from the text itself."""

_BATCH = 1_000

Tokens = NDArray[np.int64]
"""Ids of tokens in a row, shape (tokens,)."""


def train_tokenizer(texts: Sequence[str], entries: int) -> Any:
    """Learn a vocabulary of at most so many entries and return it as a fast tokenizer of transformers."""
    tokenizer = byte_level(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=entries - 1, initial_alphabet=alphabet(), show_progress=False, special_tokens=[]
    )
    tokenizer.train_from_iterator(texts, trainer, len(texts))
    tokenizer.add_special_tokens([SEPARATOR])
    return wrapped(tokenizer)


def read_tokenizer(text: str) -> Any:
    """Return the tokenizer of a `tokenizer.json`'s text."""
    return wrapped(tokenizers.Tokenizer.from_str(text))


def wrapped(tokenizer: Any) -> Any:
    """Return a tokenizer of `tokenizers` as one of transformers."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=SEPARATOR, bos_token=SEPARATOR, pad_token=SEPARATOR
    )


def encode(tokenizer: Any, texts: Sequence[str]) -> Tokens:
    """Return all texts in a row, each with the separator after it where the tokenizer has one.

    What a text spells like a special entry is read as text, so that no text can end another.
    """
    end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    rows = [np.array([*ids, *end], dtype=np.int64) for ids in _ids(tokenizer, texts)]
    return np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)


def _ids(tokenizer: Any, texts: Sequence[str]) -> Iterator[list[int]]:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:  # a tokenizer in Python alone
        yield from (tokenizer.encode(text, add_special_tokens=False) for text in texts)
        return
    before, backend.encode_special_tokens = backend.encode_special_tokens, True
    try:
        for start in range(0, len(texts), _BATCH):
            some = list(texts[start : start + _BATCH])
            yield from (found.ids for found in backend.encode_batch_fast(some, add_special_tokens=False))
    finally:
        backend.encode_special_tokens = before
