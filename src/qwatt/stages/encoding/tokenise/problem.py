"""What a tokenizer gets, a corpus in three parts; and what it answers, that corpus in its tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem

TASK = "encoding/tokenise"


@dataclass(frozen=True)
class Tokens:
    """Texts written in tokens, one after the other.

    Args:
        ids: the tokens of all texts, shape (tokens,).
        lengths: number of tokens of every text, shape (texts,).
    """

    ids: NDArray[np.uint32]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> Tokens:
        """Return the tokens of texts that were encoded one by one."""
        kept = list(rows)
        lengths = np.array([len(row) for row in kept], dtype=np.int64)
        ids = np.fromiter(chain.from_iterable(kept), dtype=np.uint32, count=int(lengths.sum()))
        return cls(ids, lengths)

    def rows(self) -> list[list[int]]:
        """Return the tokens text by text."""
        return [row.tolist() for row in np.split(self.ids, np.cumsum(self.lengths)[:-1])]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class TokeniseProblem(Problem):
    """A corpus, cut into passages.

    Args:
        training: passages that the vocabulary is learnt from.
        validation: passages that settings are chosen by.
        test: held-back passages.
        vocabulary: entries that a vocabulary may have at most.
    """

    training: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    vocabulary: int = 0

    @property
    def encoded_bytes(self) -> int:
        """Bytes of all three parts, in UTF-8."""
        return sum(byte_count(part) for part in (self.training, self.validation, self.test))


@dataclass(frozen=True)
class TokeniseAnswer:
    """A tokenizer and the corpus in its tokens.

    Args:
        tokenizer: the text of a `tokenizer.json`.
        training: tokens of the training passages.
        validation: tokens of the validation passages.
        test: tokens of the held-back passages; None until the tokenizer is applied.
    """

    tokenizer: str
    training: Tokens
    validation: Tokens
    test: Tokens | None = field(default=None)


def byte_count(texts: Iterable[str]) -> int:
    """Return the bytes of texts in UTF-8."""
    return sum(len(text.encode("utf-8")) for text in texts)
