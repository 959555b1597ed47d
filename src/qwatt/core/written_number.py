"""A number as people write it: 8e9, 15T, 0.5M."""

from __future__ import annotations

import re
from decimal import Decimal, DecimalException

from qwatt.core.errors import QwattError

SUFFIXES = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
MEND = "write a number such as 8e9, 8B or 70.6M (k thousand, M million, B billion, T trillion)"

_LEFT_ALONE = r"(\"{3}.*?\"{3}|'{3}.*?'{3}|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|\#[^\n]*)"
_SUFFIXED = re.compile(
    _LEFT_ALONE + r"|(?<=[=\[,\s])(-?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?[kKmMbBtT])(?![\w.-])", re.S
)


def decimal_of(field: str, text: str) -> Decimal:
    """Return the exact number that a text writes.

    Raises:
        QwattError: not a number, or not a finite one; names the field and what was given.
    """
    plain = text.strip().lower()
    scale = SUFFIXES.get(plain[-1:], 1)
    try:
        value = Decimal(plain if scale == 1 else plain[:-1].strip()) * scale
    except DecimalException as error:
        raise QwattError(f"{field} is {text!r}, not a number", where=field, mend=MEND) from error
    if not value.is_finite() or abs(value.adjusted()) > 300:
        raise QwattError(f"{field} is {text!r}, not a finite number", where=field, mend=MEND)
    return value


def quoted(text: str) -> str:
    """Return TOML in which bare numbers with a suffix, as in `tokens = 2T`, are texts."""
    return _SUFFIXED.sub(lambda m: m[1] or f'"{m[2]}"', text)
