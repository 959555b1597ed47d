"""Two drawings of a picture of rows: names beside the rows on a wide page, above them on a phone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qwatt.report.svg import text

_ABOVE = 17
"""Pixels of the line above a row that holds its name on a phone."""
_OVER = 14
"""Pixels from the middle of a row up to its name there: half a bar, and what hangs below the letters."""


@dataclass(frozen=True)
class Layout:
    """Where the parts of a picture of rows stand.

    Args:
        width: of the picture in pixels.
        left, right: ends of the rows' scale.
        above: whether names and values stand above their row.
        letters: that a name may have.
    """

    width: float
    left: float
    right: float
    above: bool = False
    letters: int = 40

    def pitch(self, row: float) -> float:
        """Height of a row with its name."""
        return row + (_ABOVE if self.above else 0)

    def middle(self, top: float, row: float) -> float:
        """Height of the middle of a row that begins at `top`."""
        return top + (_ABOVE if self.above else 0) + row / 2

    def name(self, y: float, words: str, css: str = "name") -> str:
        """Return a row's name; `y` is the middle of the row."""
        if self.above:
            return text(0, y - _OVER, words, css=css)
        return text(self.left - 8, y + 4, words, "end", css)

    def value(self, y: float, words: str, css: str = "tick") -> str:
        """Return what stands at the end of a row."""
        if self.above:
            return text(self.width, y - _OVER, words, "end", css)
        return text(self.right + 10, y + 4, words, css=css)


def wide(left: float, right: float, letters: int = 40, width: float = 820) -> Layout:
    """Return the layout of a page: `right` pixels are kept for the values."""
    return Layout(width, left, width - right, letters=letters)


PHONE = Layout(358, 6, 350, above=True, letters=36)
"""Names of 36 letters leave room for a value beside them."""


def untitled(picture: str) -> str:
    """Return a picture without the words that show where a pointer rests, for where there is none."""
    return re.sub("<title>[^<]*</title>", "", picture)
