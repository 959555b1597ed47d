"""Names that become folders: a plain pattern, so that none can lead out of the run folder."""

from __future__ import annotations

import re

from qwatt.core.errors import QwattError

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def check_name(kind: str, name: str, where: str) -> str:
    """Return the name if it is plain.

    Raises:
        QwattError: it does not begin with a letter or digit, or holds more than these and `.`, `_`, `-`.
    """
    if not PLAIN_NAME.fullmatch(name):
        mend = "begin with a letter or digit, and use letters, digits, '.', '_' and '-', 80 at most"
        raise QwattError(f"{name!r} is not a plain {kind}", where=where, mend=mend)
    return name


def plain_name(text: str) -> str:
    """Return the text with what a plain name may not hold replaced by "-"."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).lstrip("._-")[:80] or "unnamed"
