"""What a page shows of others' text: control characters are seen, not obeyed."""

from __future__ import annotations

from typing import Any

from qwatt.core.printable import printable


def escaped(value: Any) -> Any:
    """Return what a template writes of a value: plain text with control characters escaped, markup as is."""
    return printable(value) if type(value) is str else value
