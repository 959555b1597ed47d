"""Text from files and users, made safe for a terminal."""

from __future__ import annotations

import re

_ACTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # what turns or breaks a line unseen
    "\xad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # what is not seen
    "\ud800-\udfff]"  # halves of a character
)

_LINE = 300


def printable(text: str) -> str:
    r"""Return the text with every character that would act on a terminal escaped, such as `\x1b`."""
    return _ACTIVE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    r"""Return the text escaped and on one line, as a name or title is shown: line feeds as `\n`."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def first_line(text: str | None) -> str:
    """Return the first line of a message, shortened to what one line of a terminal is for."""
    lines = (text or "").strip().splitlines() or [""]
    more = len(lines) > 1 or len(lines[0]) > _LINE
    return lines[0][:_LINE].rstrip() + (" ..." if more else "")
