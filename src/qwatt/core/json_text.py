"""JSON documents, for people and programs."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any) -> str:
    """Return a value as an indented JSON document with a line's end.

    Python's encoder takes ten times longer where it indents itself.

    Raises:
        ValueError: a number is NaN or infinite, which JSON has no word for.
    """
    return indented(json.dumps(value, allow_nan=False))


def indented(text: str) -> str:
    """Return JSON text indented, with a line's end."""
    import msgspec

    return msgspec.json.format(text, indent=2) + "\n"
