"""What a page shows of others' text: control characters are seen, not obeyed."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from qwatt.core.printable import one_line, printable

_AS_IT_IS = "script|style|svg|pre|textarea|code|bdi"
_CODE = re.compile(rf"(?P<kept><({_AS_IT_IS})\b.*?</\2>|<[^>]*>)|`(?P<code>[^`<>\n]+)`", re.S)


def escaped(value: Any) -> Any:
    """Return what a template writes of a value: control characters in text and markup are escaped."""
    return type(value)(printable(value)) if isinstance(value, str) else value


def with_code(html: str) -> str:
    """Return markup with `x` in its text as code; scripts, pictures and the texts of others stay."""
    return _CODE.sub(lambda found: found["kept"] or f"<code>{found['code']}</code>", html)


def in_svg(text: str) -> str:
    """Return text for the inside of a picture: escaped as markup, and its control characters too."""
    return escape(one_line(text))
