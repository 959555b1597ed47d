"""What of a text counts when documents are compared: its characters, and its words in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from qwatt.core.errors import unknown_name
from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import regex
else:
    regex = lazy("regex")

NORMALISATIONS = ("signs", "words")
"""What is left of a text: all its characters, or its words alone."""

SHORT = 8
"""A text of fewer words has too few shingles to be a near duplicate of anything but the same text."""

_NO_BLANKS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
SINGLE = rf"[{_NO_BLANKS}]"
"""A character of a script without blanks, which is a word of its own."""
MARK = r"[\p{M}]"
"""A mark, which belongs to the character before it."""
WORD = rf"[[\w\p{{M}}\u200c\u200d]--{SINGLE}]"
"""A letter, digit, mark or joiner, of which runs are words."""
_WORD = rf"{SINGLE}{MARK}*|{WORD}+"
_TOKEN = rf"{_WORD}|\S"


_STRETCH = 1 << 20
_BLANK = re.compile(r"\s")
_ASCII = re.compile(r"\w+|\S", re.ASCII)
"""The same for plain ASCII, five times as fast."""


def check_normalisation(kind: str) -> None:
    """Check the name of a kind of normalisation.

    Raises:
        QwattError: there is no such kind.
    """
    if kind not in NORMALISATIONS:
        raise unknown_name("normalisation", kind, NORMALISATIONS, where="setting normalise")


def normalise(text: str, kind: str = "signs") -> str:
    """Return a text in one form: NFC, case folded, white space as single blanks.

    Args:
        text: any text.
        kind: "signs" keeps punctuation, operators and symbols, so that `a + b` is not `a - b`; "words" keeps
            words alone, or every sign of a text that has no word.

    Raises:
        QwattError: no such kind.
    """
    check_normalisation(kind)
    if not text.isascii():
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    plain = folded(text)
    if kind == "signs":
        return plain
    return " ".join(_found(_WORD, plain)) or plain


def folded(text: str) -> str:
    """Return a text case folded, white space as single blanks; of a long one never all words at a time."""
    return " ".join(filter(None, (" ".join(part.casefold().split()) for part in _stretches(text))))


def _stretches(text: str) -> Iterator[str]:
    """Yield a text in parts of about a million characters, cut before white space."""
    start = 0
    while start < len(text):
        blank = _BLANK.search(text, start + _STRETCH)
        end = blank.start() if blank else len(text)
        yield text[start:end]
        start = end


def tokens(normalised: str) -> list[str]:
    """Return the words and signs of a normalised text, in order.

    In scripts without blanks every character is a word, so that runs of words exist there too.
    """
    if normalised.isascii():
        return _ASCII.findall(normalised)
    return _found(_TOKEN, normalised)


def has_blanks(text: str) -> bool:
    """Return whether all of a text is in scripts that part words by blanks."""
    return text.isascii() or not regex.search(SINGLE, text)


def words(text: str) -> list[str]:
    """Return the words of a text, case folded: between blanks, or characters where a script has none."""
    return text.casefold().split() if has_blanks(text) else tokens(folded(text))


def pieces(text: str) -> list[str]:
    """Cut a text into words and the white space between them, or characters where a script has no blanks.

    The pieces, put together, are the text. Characters keep their combining marks.
    """
    if has_blanks(text):
        return _found(r"\s+|\S+", text)
    return _found(r"\X", text)


def is_short(normalised: str) -> bool:
    """Return whether a normalised text has fewer than `SHORT` words."""
    if normalised.count(" ") >= SHORT - 1:
        return False
    found = (
        _ASCII.finditer(normalised) if normalised.isascii() else regex.finditer(_TOKEN, normalised, regex.V1)
    )
    return sum(1 for _ in islice(found, SHORT)) < SHORT


def _found(pattern: str, text: str) -> list[str]:
    found: list[str] = regex.findall(pattern, text, flags=regex.V1)
    return found
