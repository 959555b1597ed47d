"""Bits that a text takes in tokens under a unigram and a bigram model of them, smoothed by Witten and Bell.

Witten-Bell smoothing (doi:10.1109/18.87000, method C) has nothing to tune: after a history h that was seen
c(h) times with T(h) different followers, p(w|h) = (c(h, w) + T(h) p(w)) / (c(h) + T(h)). The unigram p(w)
falls back on equal shares of the vocabulary in the same way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.encoding.tokenise.problem import Tokens


def unigram_bits(training: Tokens, held: Tokens, vocabulary: int) -> float:
    """Return the bits of held-back tokens, each on its own."""
    return float(-np.log2(_unigram(training, vocabulary)[held.ids]).sum())


def bigram_bits(training: Tokens, held: Tokens, vocabulary: int) -> float:
    """Return the bits of held-back tokens, each after the one before it, the first after a text's beginning.

    Args:
        training: tokens that the model counts.
        held: tokens to be written.
        vocabulary: V, entries of the vocabulary; ids are below it.
    """
    histories, seen_pairs = _histories(training, vocabulary), _pairs(training, vocabulary)
    pairs, counts = np.unique(seen_pairs, return_counts=True)
    times = np.bincount(histories, minlength=vocabulary + 1)
    followers = np.bincount(pairs // (vocabulary + 1), minlength=vocabulary + 1)
    wanted, after = _pairs(held, vocabulary), _histories(held, vocabulary)
    place = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    together = np.where(pairs[place] == wanted, counts[place], 0)
    apart = _unigram(training, vocabulary)[held.ids]
    known = times[after] > 0  # after what was never seen, the unigram is all there is
    share = (together + followers[after] * apart) / np.where(known, times[after] + followers[after], 1)
    return float(-np.log2(np.where(known, share, apart)).sum())


def _unigram(training: Tokens, vocabulary: int) -> NDArray[np.float64]:
    """Return the share of every entry, shape (vocabulary,); none is 0."""
    counts = np.bincount(training.ids, minlength=vocabulary)
    kinds = int((counts > 0).sum())
    shares: NDArray[np.float64] = (counts + kinds / vocabulary) / (counts.sum() + kinds)
    return shares


def _histories(tokens: Tokens, vocabulary: int) -> NDArray[np.int64]:
    """Return the token before each, `vocabulary` at a text's beginning; shape (tokens,)."""
    before = np.roll(tokens.ids.astype(np.int64), 1)
    starts = np.cumsum(tokens.lengths) - tokens.lengths
    before[starts[tokens.lengths > 0]] = vocabulary
    return before


def _pairs(tokens: Tokens, vocabulary: int) -> NDArray[np.int64]:
    """Return a number for each token and the one before it."""
    return _histories(tokens, vocabulary) * (vocabulary + 1) + tokens.ids
