"""Ways to make a near duplicate, each with a random strength, in scripts with and without blanks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from qwatt.stages.curation.dedup.text import pieces

_CONFUSED = {
    "rn": "m", "m": "rn", "cl": "d", "li": "h", "e": "c", "o": "0", "l": "1", "s": "5", "i": "l", "h": "b",
    "u": "v", "n": "u", "t": "f", "a": "o", "g": "q", "B": "8", "I": "l",
}  # fmt: skip
_PATTERN = re.compile("|".join(sorted(_CONFUSED, key=len, reverse=True)))
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；।])\s*")

Noise = Callable[[str, Sequence[str], np.random.Generator], str]
"""Called with a text, words of the corpus, and a generator; returns the near duplicate."""


def exact(text: str, _: Sequence[str], __: np.random.Generator) -> str:
    """Return the text as it is."""
    return text


def case(text: str, _: Sequence[str], rng: np.random.Generator) -> str:
    """Change letter case, line breaks and spaces; no letter changes."""
    changed = (text.upper(), text.lower(), text.title())[rng.integers(3)]
    spaces = (" ", "  ", "\n", " \t")
    return "".join(word + spaces[rng.integers(4)] for word in changed.split()).strip()


def ocr(text: str, words: Sequence[str], rng: np.random.Generator) -> str:
    """Confuse 3 to 15 % of the characters that scanners confuse, and lose some.

    Outside the Latin script a character is taken for another one of the corpus.
    """
    rate = rng.uniform(0.03, 0.15)
    confused = _PATTERN.sub(lambda m: _CONFUSED[m[0]] if rng.random() < rate else m[0], text)
    return "".join(_misread(c, words, rate, rng) for c in confused if rng.random() > rate / 10)


def _misread(character: str, words: Sequence[str], rate: float, rng: np.random.Generator) -> str:
    if character.isascii() or not character.isalpha() or rng.random() >= rate:
        return character
    other = words[int(rng.integers(len(words)))]
    return other[int(rng.integers(len(other)))]


def edit(text: str, words: Sequence[str], rng: np.random.Generator) -> str:
    """Replace or delete 10 to 45 % of the words, or of the characters in a script without blanks."""
    rate = rng.uniform(0.10, 0.45)
    parts = pieces(text)
    for i, part in enumerate(parts):
        if part.strip() and rng.random() < rate:
            parts[i] = "" if rng.random() < 0.3 else words[int(rng.integers(len(words)))]
    return "".join(parts).strip()


def truncate(text: str, _: Sequence[str], rng: np.random.Generator) -> str:
    """Keep 45 to 90 % of the words, from the start or to the end."""
    parts = pieces(text)
    places = [i for i, part in enumerate(parts) if part.strip()]
    count = max(1, round(len(places) * rng.uniform(0.45, 0.90)))
    if rng.random() < 0.5:
        return "".join(parts[: places[count - 1] + 1]).strip() if places else text
    return "".join(parts[places[-count] :]).strip() if places else text


def reorder(text: str, _: Sequence[str], rng: np.random.Generator) -> str:
    """Shuffle the lines, or the sentences of a text with few lines."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 3:
        return "\n".join(lines[i] for i in rng.permutation(len(lines)))
    sentences = [s for s in _SENTENCE.split(text) if s.strip()]
    glue = " " if any(c.isspace() for c in text) else ""
    return glue.join(sentences[i] for i in rng.permutation(len(sentences)))


KINDS: Mapping[str, Noise] = {
    "exact": exact,
    "case": case,
    "ocr": ocr,
    "edit": edit,
    "truncate": truncate,
    "reorder": reorder,
}
