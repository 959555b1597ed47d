"""Which settings a method may try: the same number for every method, the default first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from qwatt.core.registry import AnyMethod

_LISTED = 100_000


def candidates(method: AnyMethod, count: int, seed_words: Sequence[int]) -> list[dict[str, Any]]:
    """Return at most `count` distinct settings: the default, then uniform draws without repetition.

    Args:
        method: its `space` is drawn from.
        count: the tuning trials that every method of the study gets.
        seed_words: the trial's seed words, so that a resumed trial draws the same.
    """
    names = list(method.space)
    sizes = [len(method.space[name]) for name in names]
    rng = np.random.default_rng([*seed_words, 1])
    indices = [0, *_draw(math.prod(sizes), count - 1, rng)]
    return [_settings(method, names, np.unravel_index(i, sizes) if sizes else ()) for i in indices]


def _settings(method: AnyMethod, names: list[str], choice: Sequence[Any]) -> dict[str, Any]:
    return {name: method.space[name][int(i)] for name, i in zip(names, choice, strict=True)}


def _draw(settings: int, count: int, rng: np.random.Generator) -> list[int]:
    """Draw at most `count` different numbers of 1 to settings - 1; a huge space is never listed."""
    if settings > _LISTED:
        return [int(i) + 1 for i in rng.choice(settings - 1, count, replace=False)]
    return [int(i) for i in islice((i for i in rng.permutation(settings) if i != 0), count)]
