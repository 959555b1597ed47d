"""Byte-pair encoding by gigatoken: the same merges for the least work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.language.byte_level import from_merges
from qwatt.stages.encoding.tokenise.method import Encode, TokeniseMethod
from qwatt.stages.encoding.tokenise.problem import TokeniseProblem, Tokens, byte_count

if TYPE_CHECKING:
    import gigatoken
else:
    gigatoken = lazy("gigatoken")

_SEPARATOR = b"\xff"
"""Between passages; a byte that UTF-8 never holds."""


@method
class BpeGigatoken(TokeniseMethod):
    """The merges of `bpe`, in the same order, and its tokens.

    Where a small corpus runs out of pairs before the vocabulary is full, it goes on with pairs that are gone:
    then its vocabulary is larger than the reference's, and learning takes longer than there.
    """

    name: ClassVar[str] = "bpe-gigatoken"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1508.07909", "gigatoken")
    encoding_work: ClassVar[str] = "tiktoken_byte"

    def train(self, texts: Sequence[str], vocabulary: int) -> str:
        """Merge until the vocabulary is full."""
        with _silenced():
            entries, merges = gigatoken.train_bpe(_joined(texts), vocabulary, [], separator=_SEPARATOR)
        return from_merges([entries[i] for i in range(len(entries))], merges)

    def work(self, problem: TokeniseProblem) -> Mapping[str, float]:
        """Return the bytes that are learnt from."""
        return {"gigatoken_byte": float(byte_count(problem.training))}

    def encoder(self, tokenizer: str) -> Encode:
        """Return gigatoken's own encoder, which reads the same file."""
        loaded = gigatoken.Tokenizer.from_json(tokenizer)

        def encode(texts: Sequence[str]) -> Tokens:
            return Tokens.of(
                loaded.encode_batch_list(gigatoken.BytesSource(_joined(texts), separator=_SEPARATOR))
            )

        return encode


def _joined(texts: Sequence[str]) -> bytes:
    return _SEPARATOR.join(text.encode("utf-8") for text in texts)


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep what the library prints, past Python, out of the terminal and of JSON on standard output."""
    streams = (1, 2)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(stream) for stream in streams]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for stream in streams:
            os.dup2(nowhere, stream)
        yield
    finally:
        for copy, stream in zip(kept, streams, strict=True):
            os.dup2(copy, stream)
            os.close(copy)
        os.close(nowhere)
