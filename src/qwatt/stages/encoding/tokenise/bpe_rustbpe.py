"""Byte-pair encoding by rustbpe, the trainer of nanochat."""

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
    import rustbpe
else:
    rustbpe = lazy("rustbpe")


@method
class BpeRustbpe(ByTiktoken):
    """The merges of `bpe` up to ties, which it breaks otherwise; tiktoken encodes, as its authors advise."""

    name: ClassVar[str] = "bpe-rustbpe"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1508.07909", "rustbpe", "tiktoken")

    def train(self, texts: Sequence[str], vocabulary: int) -> str:
        """Merge until the vocabulary is full, or no pair is left."""
        trainer = rustbpe.Tokenizer()
        trainer.train_from_iterator(iter(texts), vocab_size=vocabulary, pattern=PATTERN)
        ranks = {bytes(entry): rank for entry, rank in trainer.get_mergeable_ranks()}
        return from_ranks(sorted(ranks, key=ranks.__getitem__))

    def work(self, problem: TokeniseProblem) -> Mapping[str, float]:
        """Return the bytes that are learnt from."""
        return {"rustbpe_byte": float(byte_count(problem.training))}
