"""What a page shows of others' text: control characters are seen, not obeyed."""

from __future__ import annotations

from html import escape
from typing import Any

from qwatt.core.printable import one_line, printable


def escaped(value: Any) -> Any:
    """Return what a template writes of a value: control characters in text and markup are escaped."""
    return type(value)(printable(value)) if isinstance(value, str) else value


def in_svg(text: str) -> str:
    """Return text for the inside of a picture: escaped as markup, and its control characters too."""
    return escape(one_line(text))
