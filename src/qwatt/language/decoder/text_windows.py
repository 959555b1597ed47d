"""Texts cut into windows of a decoder's tokens within a budget, and what the tokens of a part took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.language.decoder.decoder import Decoder, decoder_tokens

Windows = NDArray[np.int64]
"""Ids of tokens, a window a row with the token after it, shape (windows, context + 1)."""

_CHARS_PER_TOKEN = 16
"""Text that is written in tokens to have enough of them: generous, as any tokenizer has fewer."""


@dataclass(frozen=True)
class Judged:
    """What the tokens of one part took.

    Args:
        nats: of each window, shape (windows,).
        tokens: that were predicted.
        characters: that these tokens spell.
    """

    nats: NDArray[np.float64]
    tokens: int
    characters: int

    @property
    def nats_per_token(self) -> float:
        """Mean loss."""
        return float(self.nats.sum()) / self.tokens

    @property
    def bits_per_character(self) -> float:
        """The same across tokenizers."""
        return float(self.nats.sum() / np.log(2.0)) / self.characters


def text_windows(decoder: Decoder, texts: Sequence[str], tokens: int, context: int, part: str) -> Windows:
    """Return whole windows of about so many tokens, from the first texts on, that do not overlap.

    Args:
        decoder: whose tokens.
        texts: in a row, parted by its separator.
        tokens: at most so many are predicted, but one window at least.
        context: tokens that a window predicts.
        part: what the texts are for, in an error's words, such as "train".

    Raises:
        QwattError: the texts have not one window.
    """
    room, some = tokens * _CHARS_PER_TOKEN, []
    for text in texts:
        some.append(text)
        room -= len(text)
        if room < 0:
            break
    ids = decoder_tokens(decoder, some)
    count = min(max(1, tokens // context), (len(ids) - 1) // context)
    if count < 1:
        what = f"{len(ids)} tokens to {part} are fewer than one window of {context}"
        raise QwattError(what, mend="give more text")
    starts = np.arange(count) * context
    return np.asarray(ids[starts[:, None] + np.arange(context + 1)], dtype=np.int64)


def spelled_characters(decoder: Decoder, windows: Windows) -> int:
    """Return how many characters the predicted tokens of windows spell."""
    texts = decoder.tokenizer.batch_decode(
        windows[:, 1:].tolist(), skip_special_tokens=True, clean_up_tokenization_spaces=False
    )
    return sum(map(len, texts))


def window_order(windows: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return which windows are trained on, in an order that is drawn anew each time all were seen."""
    epochs = -(-count // windows)
    return np.concatenate([rng.permutation(windows) for _ in range(epochs)])[:count]
