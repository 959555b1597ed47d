"""Text of a language-model task in three parts: of a named set, made sentences, or a user's file."""

from __future__ import annotations

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.data import read_documents, read_snippets, weather
from qwatt.data.documents import split_source
from qwatt.data.phrases import PHRASES
from qwatt.data.plays import SHAKESPEARE, modern_plays

WEATHER = "builtin:weather"
SNIPPETS = ("vader", "tweets", "amazon", "nyt")
_PIECE_CHARS = 1_000
"""Longer texts are cut at line ends into pieces of about this, so that few long ones have three parts too."""
_HELD_SHARE = 0.15
_FEWEST = 10

Parts = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def read_parts(source: str, seed: int) -> Parts:
    """Return texts to train, to validate and to test, none of them in two parts.

    Args:
        source: "vader" (films), "tweets", "amazon", "nyt", "shakespeare" (modern spelling),
            "builtin:weather", "builtin:phrases", or a file or folder of texts.
        seed: seed of the parts.

    Raises:
        QwattError: nothing there, or too few texts.
    """
    texts = list(dict.fromkeys(piece for text in _read(source) for piece in pieces(text)))
    if len(texts) < _FEWEST:
        what = (
            f"{len(texts)} different texts of up to {_PIECE_CHARS:,} characters are too few for three parts"
        )
        raise QwattError(what, where=source, mend=f"give {_FEWEST} or more")
    order = np.random.default_rng([seed, 12]).permutation(len(texts))
    held = max(1, round(_HELD_SHARE * len(texts)))
    test, validation, train = order[:held], order[held : 2 * held], order[2 * held :]
    first, second, third = (tuple(texts[i] for i in part) for part in (train, validation, test))
    return first, second, third


def pieces(text: str) -> list[str]:
    """Cut a long text at line ends, or between words where a line is long, into pieces that are no longer.

    >>> pieces("short")
    ['short']
    """
    if len(text) <= _PIECE_CHARS:
        return [text]
    found, start = [], 0
    while len(text) - start > _PIECE_CHARS:
        stop = start + _PIECE_CHARS
        cut = text.rfind("\n", start + _PIECE_CHARS // 2, stop) + 1 or text.rfind(" ", start + 1, stop) + 1
        found.append(text[start : cut or stop])
        start = cut or stop
    return [piece for piece in [*found, text[start:]] if piece.strip()]


def _read(source: str) -> list[str]:
    if source == WEATHER:
        return weather.sentences()[0]
    if source == SHAKESPEARE:
        return modern_plays()
    if source in SNIPPETS:
        return [snippet.text for snippet in read_snippets(source)]
    if source != PHRASES and not split_source(source)[0].exists():
        raise QwattError(
            f"no such file or data set: {source!r}",
            mend=f"give a file or folder of texts, or one of {', '.join((*SNIPPETS, SHAKESPEARE, WEATHER))}",
        )
    return read_documents(source).texts
