"""Byte-pair encoding: merge the most frequent pair of neighbours, again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.language.byte_level import alphabet, byte_level
from qwatt.stages.encoding.tokenise.method import TokeniseMethod
from qwatt.stages.encoding.tokenise.problem import TokeniseProblem, byte_count

if TYPE_CHECKING:
    from tokenizers import models, trainers
else:
    models, trainers = lazy("tokenizers.models"), lazy("tokenizers.trainers")


@method
class Bpe(TokeniseMethod):
    """Byte-level BPE of the `tokenizers` library: the reference, and what most language models use."""

    name: ClassVar[str] = "bpe"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1508.07909", "tokenizers")

    def train(self, texts: Sequence[str], vocabulary: int) -> str:
        """Merge until the vocabulary is full, or no pair is left."""
        tokenizer = byte_level(models.BPE())
        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary, initial_alphabet=alphabet(), show_progress=False, special_tokens=[]
        )
        tokenizer.train_from_iterator(texts, trainer, len(texts))
        return str(tokenizer.to_str())

    def work(self, problem: TokeniseProblem) -> Mapping[str, float]:
        """Cutting and counting words, which takes about as long as writing them."""
        return {"tokenised_byte": float(byte_count(problem.training))}
