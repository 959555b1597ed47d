"""What byte-level tokenizers of the `tokenizers` library share: words by GPT-2's pattern, in bytes.

Every text can be written, in any script, and is read back exactly: there is no unknown token. There are no
special tokens either; `Tokenizer.add_special_tokens` adds what a model needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.language.symbols import read, symbols, written

if TYPE_CHECKING:
    import tokenizers
    from tokenizers import decoders, models, pre_tokenizers
else:
    tokenizers = lazy("tokenizers")
    decoders, models = lazy("tokenizers.decoders"), lazy("tokenizers.models")
    pre_tokenizers = lazy("tokenizers.pre_tokenizers")

PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
"""How a text is cut into words before anything is merged: GPT-2's, for all tokenizers alike."""

LEAST = 257
"""Entries that a byte-level vocabulary has at least: the bytes, and one that is learnt."""


def alphabet() -> list[str]:
    """Return the entries of the 256 bytes."""
    return list(symbols())


def byte_level(model: Any) -> Any:
    """Return a tokenizer of a model whose entries are written in bytes."""
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def from_merges(entries: Sequence[bytes], merges: Sequence[tuple[bytes, bytes]]) -> str:
    """Return the `tokenizer.json` of a byte-pair encoding.

    Args:
        entries: the vocabulary by id.
        merges: pairs of entries, the first to be merged first.
    """
    vocabulary = {written(entry): i for i, entry in enumerate(entries)}
    pairs = [(written(left), written(right)) for left, right in merges]
    return str(byte_level(models.BPE(vocab=vocabulary, merges=pairs)).to_str())


def from_ranks(entries: Sequence[bytes]) -> str:
    """Return the `tokenizer.json` of a byte-pair encoding of which only the entries are known, by rank.

    Neighbours are merged whenever they make up an entry, that of the lowest rank first, as tiktoken does:
    every way to make an entry of two others is a merge, in the order of the entries.
    """
    ranks = {entry: rank for rank, entry in enumerate(entries)}
    merges = []
    for entry in entries:
        halves = [(entry[:i], entry[i:]) for i in range(1, len(entry))]
        known = [(left, right) for left, right in halves if left in ranks and right in ranks]
        merges += sorted(known, key=lambda pair: (ranks[pair[0]], ranks[pair[1]]))
    return from_merges(entries, merges)


def entries_of(tokenizer: str) -> list[bytes]:
    """Return the vocabulary of a byte-level `tokenizer.json`, by id."""
    found = tokenizers.Tokenizer.from_str(tokenizer).get_vocab()
    return [read(text) for text in sorted(found, key=found.__getitem__)]
