"""What a decoder is trained on and judged by: texts or ids, and the part of them that is held back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.language.decoder.size import DecoderSize
from qwatt.language.decoder.vocabulary import Tokens, encode, train_tokenizer

_WHOLE_TEXTS = 200
"""From so many texts on, whole ones are held back; of fewer, the end of each."""

Corpus = Sequence[str] | Tokens
"""Texts, or ids of tokens in a row."""


@dataclass(frozen=True, eq=False)
class Split:
    """A corpus in ids, of which a part is held back.

    Args:
        tokenizer: what the ids are of; None where ids came without one.
        training: ids to train on, shape (tokens,).
        held: ids to judge by, shape (tokens,).
        held_characters: characters of the held-back texts; None where ids came.
    """

    tokenizer: Any
    training: Tokens
    held: Tokens
    held_characters: int | None

    def bits_per_character(self, loss: float) -> float | None:
        """Return what a loss on all that is held back, in nats per token, is in bits per character."""
        if self.held_characters is None:
            return None
        return loss * (len(self.held) - 1) / math.log(2) / self.held_characters


def hold_back(texts: Sequence[str], share: float) -> tuple[list[str], list[str]]:
    """Return training and held-back texts: every so-many-th of many texts, the last part of each of few."""
    if len(texts) >= _WHOLE_TEXTS:
        every = round(1 / share)
        held = [text for i, text in enumerate(texts) if i % every == every - 1]
        return [text for i, text in enumerate(texts) if i % every != every - 1], held
    cuts = [len(text) - int(len(text) * share) for text in texts]
    pairs = list(zip(texts, cuts, strict=True))
    return [text[:cut] for text, cut in pairs], [text[cut:] for text, cut in pairs if cut < len(text)]


def split(corpus: Corpus, held: Corpus | None, size: DecoderSize, share: float, tokenizer: Any) -> Split:
    """Learn the tokenizer where none is given, and write the corpus in it.

    Raises:
        QwattError: texts and ids are mixed, an id is not in the vocabulary, or nothing is left to judge by.
    """
    if isinstance(corpus, np.ndarray):
        found = _split_ids(corpus, held, share, tokenizer)
    else:
        found = _split_texts(corpus, held, size, share, tokenizer)
    highest = max((int(ids.max()) for ids in (found.training, found.held) if len(ids)), default=0)
    if highest >= size.vocabulary:
        what = f"the id {highest} is not in a vocabulary of {size.vocabulary}"
        raise QwattError(what, where="size of the decoder", mend=f"set vocabulary to {highest + 1} or more")
    if len(found.held) < 2:
        raise QwattError("no text is left to hold back", where="training text", mend="give more text")
    return found


def _split_texts(
    texts: Sequence[str], held: Corpus | None, size: DecoderSize, share: float, tokenizer: Any
) -> Split:
    if isinstance(held, np.ndarray):
        raise QwattError("the corpus is texts and what is held back is ids", mend="give both alike")
    training, judged = hold_back(texts, share) if held is None else (list(texts), list(held))
    own = tokenizer or train_tokenizer(training, size.vocabulary)
    return Split(own, encode(own, training), encode(own, judged), sum(map(len, judged)))


def _split_ids(tokens: Tokens, held: Corpus | None, share: float, tokenizer: Any) -> Split:
    if held is None:
        cut = len(tokens) - int(len(tokens) * share)
        return Split(tokenizer, tokens[:cut], tokens[cut:], None)
    if not isinstance(held, np.ndarray):
        raise QwattError("the corpus is ids and what is held back is texts", mend="give both alike")
    return Split(tokenizer, tokens, held, None)


def corpus_digest(*corpora: Corpus | None) -> str:
    """Return one SHA-256 of texts or ids."""
    found = sha256()
    for corpus in corpora:
        if corpus is None:
            found.update(b"-")
        elif isinstance(corpus, np.ndarray):
            found.update(b"i" + np.ascontiguousarray(corpus, dtype=np.int64).tobytes())
        else:
            for text in corpus:
                data = text.encode("utf-8", "surrogatepass")
                found.update(b"t%d:" % len(data) + data)
    return found.hexdigest()
