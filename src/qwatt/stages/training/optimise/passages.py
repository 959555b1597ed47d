"""Text cut into passages for training, for the tuner and for the test, and what these are in tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qwatt.core.shared import Shared
from qwatt.language.decoder.vocabulary import Tokens, encode, train_tokenizer

PASSAGE_CHARS = 2_000
"""Length of a passage: long against a window, short enough that a play falls into many."""


@dataclass(frozen=True)
class Encoded:
    """The parts in tokens.

    Args:
        tokenizer: learnt on the training part.
        train: ids in a row.
        validation: the same.
        test: the same.
    """

    tokenizer: Any
    train: Tokens
    validation: Tokens
    test: Tokens


class Passages:
    """The three parts, which are written in tokens when that is first asked for.

    Args:
        train: passages to train on.
        validation: what the tuner chooses by.
        test: held back.
        entries: of the vocabulary.
    """

    def __init__(
        self, train: Sequence[str], validation: Sequence[str], test: Sequence[str], entries: int
    ) -> None:
        self.train, self.validation, self.test = tuple(train), tuple(validation), tuple(test)
        self.entries = entries
        self._found: Shared[Encoded] | None = None

    def encoded(self) -> Shared[Encoded]:
        """Return the parts in tokens of a vocabulary of their own, with what that cost."""
        if self._found is None:
            from qwatt.energy.meter import Meter

            with Meter().window("tokenise") as window:
                tokenizer = train_tokenizer(self.train, self.entries)
                parts = [encode(tokenizer, part) for part in (self.train, self.validation, self.test)]
            found = Encoded(tokenizer, *parts)
            self._found = Shared(
                found, window.energy, window.seconds, "vocabulary learnt and text encoded now"
            )
        return self._found


def cut(texts: Sequence[str]) -> list[str]:
    """Return the texts' distinct passages of at most `PASSAGE_CHARS` characters, none of them blank."""
    pieces = (text[at : at + PASSAGE_CHARS] for text in texts for at in range(0, len(text), PASSAGE_CHARS))
    return [piece for piece in dict.fromkeys(pieces) if piece.strip()]


def bigram_loss(tokens: Tokens, held: Tokens, entries: int) -> float:
    """Return a bigram model's nats per token on held-back text, smoothed after Witten and Bell (1991).

    p(b|a) = (c(ab) + T(a) p(b)) / (c(a) + T(a)) with T(a) different followers of a, and p(b) smoothed by one.

    Args:
        tokens: ids to count, in a row.
        held: ids to judge by.
        entries: of the vocabulary.
    """
    alone = (np.bincount(tokens, minlength=entries) + 1.0) / (len(tokens) + entries)
    pairs = np.zeros((entries, entries))
    np.add.at(pairs, (tokens[:-1], tokens[1:]), 1.0)
    kinds, before, after = (pairs > 0).sum(axis=1), held[:-1], held[1:]
    whole = pairs.sum(axis=1)[before] + kinds[before]
    seen = pairs[before, after] + kinds[before] * alone[after]
    chances = np.where(whole > 0, seen / np.maximum(whole, 1.0), alone[after])
    return float(-np.log(chances).mean())
