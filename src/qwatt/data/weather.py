"""A tiny labelled corpus that is made, not read: for tests and for trying things out without data."""

from __future__ import annotations

from itertools import product

_GOOD = ("bright", "mild", "clear", "pleasant", "golden", "calm")
_BAD = ("grim", "bitter", "foggy", "dreadful", "stormy", "damp")
_TIMES = ("morning", "noon", "evening", "night", "weekend")
_PLACES = ("by the lake", "in town", "on the hill", "at sea")


def sentences() -> tuple[list[str], list[int]]:
    """Return 240 sentences on the weather and their labels, 1 for good weather."""
    texts, labels = [], []
    for label, adjectives in ((0, _BAD), (1, _GOOD)):
        for adjective, time, place in product(adjectives, _TIMES, _PLACES):
            texts.append(f"It was a {adjective} {time} {place}.")
            labels.append(label)
    return texts, labels
