"""Notes of several settings that differ in their numbers alone, said once with the range of each number."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def merged_notes(notes: Iterable[str]) -> str:
    """Join notes by "; ", each distinct wording once; numbers that vary become "lowest to highest"."""
    numbers: dict[tuple[str, ...], list[list[str]]] = {}
    for note in filter(None, notes):
        numbers.setdefault(tuple(_NUMBER.split(note)), []).append(_NUMBER.findall(note))
    return "; ".join(_one(words, found) for words, found in numbers.items())


def _one(words: tuple[str, ...], found: list[list[str]]) -> str:
    ranges = [_range(column) for column in zip(*found, strict=True)]
    return "".join(part for pair in zip(words, [*ranges, ""], strict=True) for part in pair)


def _range(column: tuple[str, ...]) -> str:
    low, high = min(column, key=float), max(column, key=float)
    return low if float(low) == float(high) else f"{low} to {high}"
