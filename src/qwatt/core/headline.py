"""What a task says of a result first: a sentence or two, warnings, and something to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from shlex import quote

_ROUNDING = 1e-12
"""What two shares that are equal may differ by as numbers."""


def labelling_facts(artifact: str | None) -> list[str]:
    """Return where a classifier's model file is, and how to label other data with it; nothing without one."""
    if artifact is None:
        return []
    folder = quote(str(PurePath(artifact).parent))
    return [f"model: {artifact}", f"label other data with: qwatt predict {folder} --data FILE"]


@dataclass(frozen=True)
class SideBySide:
    """Two texts out of the user's data, to be compared by eye.

    Args:
        caption: what the pair is, such as "similarity 0.61".
        left: name and text, such as those of the document that was kept.
        right: name and text of the other one.
    """

    caption: str
    left: tuple[str, str]
    right: tuple[str, str]

    def __post_init__(self) -> None:
        _check_texts((self.caption, *self.left, *self.right))


@dataclass(frozen=True)
class Headline:
    """A result for people. Text from data may be in all of it: whoever shows it escapes it.

    Args:
        facts: sentences without a full stop, the most important first.
        warnings: what must be said before them, with its mend.
        examples: pairs to look at.
        look: what the examples are, in a few words.
        sides: headings of the two texts of an example.
    """

    facts: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    examples: tuple[SideBySide, ...] = ()
    look: str = ""
    sides: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        _check_texts((*self.facts, *self.warnings, self.look))


def _check_texts(texts: Iterable[object]) -> None:
    """Refuse what is no text, as a damaged record may hold.

    Raises:
        TypeError: names it.
    """
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is no text")


def share(value: float, apart: tuple[float, ...] = (0.0, 1.0)) -> str:
    """Write a share with two decimals, or with more where it would look like one of `apart` and is not.

    >>> share(0.9934), share(0.9996), share(0.98996, (0.99,))
    ('0.99', '0.9996', '0.98996')
    """
    for digits in range(2, 17):
        text = f"{value:.{digits}f}"
        if all(abs(value - other) < _ROUNDING or float(text) != other for other in apart):
            break
    return text


def counted(number: int, noun: str) -> str:
    """Write a number with its noun, such as "4,512 documents" or "1 document"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
