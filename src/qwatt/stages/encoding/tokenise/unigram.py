"""Unigram language model: begin with many pieces and take out those that are missed least."""

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
class Unigram(TokeniseMethod):
    """Byte-level Unigram of the `tokenizers` library: expectation maximisation and pruning, then Viterbi."""

    name: ClassVar[str] = "unigram"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1804.10959", "tokenizers")

    def train(self, texts: Sequence[str], vocabulary: int) -> str:
        """Prune to the size of the vocabulary; the 256 bytes always stay."""
        tokenizer = byte_level(models.Unigram())
        trainer = trainers.UnigramTrainer(
            vocab_size=vocabulary, initial_alphabet=alphabet(), show_progress=False, special_tokens=[]
        )
        tokenizer.train_from_iterator(texts, trainer, len(texts))
        return str(tokenizer.to_str())

    def work(self, problem: TokeniseProblem) -> Mapping[str, float]:
        """Return the bytes that are learnt from."""
        return {"unigram_byte": float(byte_count(problem.training))}
