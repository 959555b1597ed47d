"""Text from users and records inside Markdown: on one line, without markup, and with nothing that acts."""

from __future__ import annotations

from html import escape

from qwatt.core.printable import printable


def md(text: str) -> str:
    """Return the text as one line that is only text."""
    return escape(printable(" ".join(text.split())), quote=False)
