"""Byte-pair encoding by bpeasy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.language.byte_level import PATTERN, from_ranks
from qwatt.stages.encoding.tokenise.by_tiktoken import ByTiktoken
from qwatt.stages.encoding.tokenise.problem import TokeniseProblem, byte_count

if TYPE_CHECKING:
    import bpeasy
else:
    bpeasy = lazy("bpeasy")

_LONGEST_ENTRY = 1_000
"""Bytes; no limit in practice, as in the other trainers."""


@method
class BpeBpeasy(ByTiktoken):
    """The merges of `bpe` up to ties, which it breaks otherwise; tiktoken encodes, as in its own package."""

    name: ClassVar[str] = "bpe-bpeasy"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1508.07909", "bpeasy", "tiktoken")

    def train(self, texts: Sequence[str], vocabulary: int) -> str:
        """Merge until the vocabulary is full, or no pair is left."""
        ranks = bpeasy.train_bpe(iter(texts), PATTERN, _LONGEST_ENTRY, vocabulary)
        return from_ranks(sorted(ranks, key=ranks.__getitem__))

    def work(self, problem: TokeniseProblem) -> Mapping[str, float]:
        """Return the bytes that are learnt from."""
        return {"bpeasy_byte": float(byte_count(problem.training))}
