"""Which of the known names may have been meant by one that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_NEAR = 0.6
"""Least share of letters that two names have in common, in order, for one to be meant by the other."""


def near_names(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the names that may have been meant, nearest first: of like spelling, or with it in them.

    Names of less than half its length are never meant.
    """
    lowered: dict[str, str] = {}
    for other in known:
        lowered.setdefault(other.lower(), other)
    asked = name.lower()
    long = [other for other in lowered if 2 * len(other) >= len(asked)]
    found = difflib.get_close_matches(asked, long, n=most, cutoff=_NEAR)
    around = sorted((other for other in lowered if len(asked) > 2 and asked in other), key=len)
    return [lowered[other] for other in dict.fromkeys([*found, *around])][:most]
