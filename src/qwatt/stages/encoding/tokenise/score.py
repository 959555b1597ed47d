"""Bits per character of held-back text, which must be read back exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.problem import Quality
from qwatt.stages.encoding.tokenise.entropy import bigram_bits, unigram_bits
from qwatt.stages.encoding.tokenise.problem import TokeniseAnswer, TokeniseProblem, Tokens, byte_count

if TYPE_CHECKING:
    import tokenizers
else:
    tokenizers = lazy("tokenizers")


def validation_quality(problem: TokeniseProblem, answer: TokeniseAnswer) -> Quality:
    """Return the bits per character of the validation passages."""
    return _quality(answer, problem.validation, answer.validation)


def held_back_quality(problem: TokeniseProblem, answer: TokeniseAnswer) -> Quality:
    """Return the bits per character of the test passages, with what the report divides joules by.

    Raises:
        QwattError: the tokenizer was not applied, or it loses text, which would make its bits meaningless.
    """
    if answer.test is None:
        raise QwattError("the tokenizer was not applied to the held-back passages")
    quality = _quality(answer, problem.test, answer.test)
    sizes = {"trained_bytes": byte_count(problem.training), "encoded_bytes": problem.encoded_bytes}
    return Quality(quality.value, {**quality.extras, **sizes})


def _quality(answer: TokeniseAnswer, texts: Sequence[str], tokens: Tokens) -> Quality:
    tokenizer = tokenizers.Tokenizer.from_str(answer.tokenizer)
    rows = tokens.rows()
    _check_lossless(tokenizer, texts, rows)
    vocabulary = tokenizer.get_vocab_size()
    characters = sum(map(len, texts))
    bits = bigram_bits(answer.training, tokens, vocabulary)
    same = [
        found.ids == row for found, row in zip(tokenizer.encode_batch_fast(list(texts)), rows, strict=True)
    ]
    return Quality(
        bits / characters,
        {
            "bits_per_byte": bits / byte_count(texts),
            "unigram_bits_per_character": unigram_bits(answer.training, tokens, vocabulary) / characters,
            "characters_per_token": characters / len(tokens),
            "bytes_per_token": byte_count(texts) / len(tokens),
            "vocabulary": vocabulary,
            "passages_written_as_by_tokenizers": sum(same) / len(same),
        },
    )


def _check_lossless(tokenizer: tokenizers.Tokenizer, texts: Sequence[str], rows: list[list[int]]) -> None:
    read_back = tokenizer.decode_batch(rows, skip_special_tokens=False)
    lost = next((i for i, pair in enumerate(zip(texts, read_back, strict=True)) if pair[0] != pair[1]), None)
    if lost is not None:
        raise QwattError(
            f"the tokenizer loses text: {texts[lost][:60]!r} is read back as {read_back[lost][:60]!r}"
        )
