"""WordPiece: pieces that begin a word and pieces that go on with one, written longest match first."""

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
    import tokenizers
    from tokenizers import decoders, models, pre_tokenizers, trainers
else:
    decoders, models = lazy("tokenizers.decoders"), lazy("tokenizers.models")
    pre_tokenizers, trainers = lazy("tokenizers.pre_tokenizers"), lazy("tokenizers.trainers")

JOINER = "‿"
"""Begins every piece that goes on with a word. BERT's "##" also begins words, and could not be read back."""

_LONGEST_WORD = 100
"""Bytes of a word; a longer one is cut, since the longest match takes quadratic time."""


@method
class WordPiece(TokeniseMethod):
    """Byte-level WordPiece of the `tokenizers` library, learnt by its trainer.

    That trainer merges the most frequent pair; the original's likelihood ratio was never published as code.
    The 256 bytes are there twice, as beginnings and as continuations, so that no word is unknown.
    """

    name: ClassVar[str] = "wordpiece"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1609.08144", "arXiv:1810.04805", "tokenizers")
    least: ClassVar[int] = 513

    def train(self, texts: Sequence[str], vocabulary: int) -> str:
        """Learn pieces, then keep the vocabulary alone: the bytes were special tokens only to be in it."""
        learner = _word_piece(models.WordPiece(unk_token=JOINER))
        trainer = trainers.WordPieceTrainer(
            vocab_size=vocabulary,
            initial_alphabet=alphabet(),
            special_tokens=[JOINER + symbol for symbol in alphabet()],
            continuing_subword_prefix=JOINER,
            show_progress=False,
        )
        learner.train_from_iterator(texts, trainer, len(texts))
        model = models.WordPiece(
            learner.get_vocab(),
            unk_token=JOINER,
            max_input_chars_per_word=_LONGEST_WORD,
            continuing_subword_prefix=JOINER,
        )
        return str(_word_piece(model).to_str())

    def work(self, problem: TokeniseProblem) -> Mapping[str, float]:
        """Cutting and counting words, which takes about as long as writing them."""
        return {"tokenised_byte": float(byte_count(problem.training))}


def _word_piece(model: models.WordPiece) -> tokenizers.Tokenizer:
    tokenizer: tokenizers.Tokenizer = byte_level(model)
    cut = pre_tokenizers.FixedLength(length=_LONGEST_WORD)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([tokenizer.pre_tokenizer, cut])
    tokenizer.decoder = decoders.Sequence([decoders.Replace(JOINER, ""), decoders.ByteLevel()])
    return tokenizer
