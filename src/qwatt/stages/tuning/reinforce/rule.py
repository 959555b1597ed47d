"""The rule that a continuation is rewarded by: anyone can verify it from the text alone."""

from __future__ import annotations

import re

_ENDS = re.compile(r"[.!?]")
_WORDS = re.compile(r"\w+")
FEWEST_WORDS = 3


def passes(text: str) -> bool:
    """Return whether a continuation ends a sentence, and says three words or more, none of them twice.

    >>> passes(" went home on time."), passes(" went home on time"), passes(" went home, went away.")
    (True, False, False)
    """
    words = [word.casefold() for word in _WORDS.findall(text)]
    return bool(_ENDS.search(text)) and len(words) >= FEWEST_WORDS and len(set(words)) == len(words)
