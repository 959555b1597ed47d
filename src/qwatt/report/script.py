"""Data for the scripts of a page, written so that no text in it can end the script."""

from __future__ import annotations

import json
from typing import Any


def data_script(name: str, value: Any) -> str:
    """Return a script element that holds JSON and is never run.

    Args:
        name: the element's id.
        value: what a script reads; numbers must be finite.
    """
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/json" id="{name}">{text}</script>'
