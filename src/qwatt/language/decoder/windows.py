"""The order in which training sees its text: a function of seed and step, so that it can be resumed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.language.decoder.size import DecoderSize
from qwatt.language.decoder.vocabulary import Tokens


class Windows:
    """Windows of a text in a row, each once an epoch, in an order of the epoch's own.

    Every epoch cuts the text at another place, so that a token has another history each time.

    Args:
        tokens: ids of the text, shape (tokens,).
        size: its context and batch.
        seed: seed of the order.

    Raises:
        QwattError: the text is shorter than a window.
    """

    def __init__(self, tokens: Tokens, size: DecoderSize, seed: int) -> None:
        self._tokens, self._size, self._seed = tokens, size, seed
        self._windows = (len(tokens) - size.context) // size.context
        if self._windows < 1:
            what = f"{len(tokens)} tokens are too few to train on windows of {size.context}"
            raise QwattError(what, where="training text", mend="give more text, or a shorter context")
        self._starts = lru_cache(maxsize=2)(self._order)

    def batch(self, step: int) -> NDArray[np.int64]:
        """Return the windows of a step with the token after each, shape (batch, context + 1)."""
        first = step * self._size.batch
        starts = [
            self._starts(i // self._windows)[i % self._windows]
            for i in range(first, first + self._size.batch)
        ]
        return self._tokens[np.array(starts)[:, None] + np.arange(self._size.context + 1)]

    def _order(self, epoch: int) -> NDArray[np.int64]:
        """Return where the windows of an epoch begin, in its order."""
        rng = np.random.default_rng([self._seed, 8, epoch])
        offset = rng.integers(len(self._tokens) - self._windows * self._size.context)
        return offset + self._size.context * rng.permutation(self._windows)
