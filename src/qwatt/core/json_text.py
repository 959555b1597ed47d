"""JSON documents, for people and programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def json_text(value: Any) -> str:
    """Return a value as an indented JSON document with a line's end; half characters in it are escaped.

    Python's encoder takes ten times longer where it indents itself.

    Raises:
        ValueError: a number is NaN or infinite, which JSON has no word for.
    """
    import msgspec

    try:
        return indented(json.dumps(value, allow_nan=False))
    except msgspec.DecodeError:  # a half character, which Python alone writes and reads
        return indented(json.dumps(whole(value), allow_nan=False))


def indented(text: str) -> str:
    """Return JSON text indented, with a line's end."""
    import msgspec

    return msgspec.json.format(text, indent=2) + "\n"


def whole(value: Any) -> Any:
    r"""Return JSON values with half a character in a text, which UTF-8 cannot hold, escaped as `\ud800`."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, Mapping):
        return {whole(key): whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list | tuple) else value
