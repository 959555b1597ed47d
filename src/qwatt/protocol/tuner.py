"""Which settings a method may try: its whole space, or as many well-spread ones as every other method."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from qwatt.core.fixed import Fixed
from qwatt.core.registry import AnyMethod

_LISTED = 100_000


def candidates(
    method: AnyMethod, count: int, seed_words: Sequence[int], fixed: Fixed = ()
) -> list[dict[str, Any]]:
    """Return at most `count` distinct settings: the default, then others that spread over the space.

    A space of no more than `count` settings is returned whole. A longer list begins with the shorter one.

    Args:
        method: its `space` is drawn from.
        count: the tuning trials that every method of the study gets.
        seed_words: the trial's seed words, so that a resumed trial draws the same.
        fixed: settings that the user fixed; they are in every candidate and leave the space.
    """
    kept = dict(fixed)
    space = {name: values for name, values in method.space.items() if name not in kept}
    sizes = [len(values) for values in space.values()]
    rng = np.random.default_rng([*seed_words, 1])
    choices = islice(_distinct(sizes, rng), min(count, math.prod(sizes)))
    drawn = [
        {name: values[i] for (name, values), i in zip(space.items(), choice, strict=True)}
        for choice in choices
    ]
    return [{name: (settings | kept)[name] for name in method.space} for settings in drawn]


def _distinct(sizes: Sequence[int], rng: np.random.Generator) -> Iterator[tuple[int, ...]]:
    """Yield every choice of one index a dimension once: zeros, then spread ones, then what they left out.

    A huge space is never listed: its spread choices have no end that matters.
    """
    whole = math.prod(sizes)
    listed = whole <= _LISTED
    seen = set()
    for choice in islice(_spread(sizes, rng), 2 * whole if listed else None):
        if choice not in seen:
            seen.add(choice)
            yield choice
    for number in rng.permutation(whole):
        choice = tuple(int(i) for i in np.unravel_index(number, sizes)) if sizes else ()
        if choice not in seen:
            yield choice


def _spread(sizes: Sequence[int], rng: np.random.Generator) -> Iterator[tuple[int, ...]]:
    """Return an endless Latin hypercube over the grid: every value comes up as often as its siblings."""
    decks = [_deck(size, child) for size, child in zip(sizes, rng.spawn(len(sizes)), strict=True)]
    return zip(*decks, strict=True)


def _deck(size: int, rng: np.random.Generator) -> Iterator[int]:
    """Yield a setting's values like cards: the default on top, shuffled anew whenever all were dealt."""
    yield 0
    yield from (int(i) + 1 for i in rng.permutation(size - 1))
    while True:
        yield from (int(i) for i in rng.permutation(size))
