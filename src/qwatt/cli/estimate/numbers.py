"""Numbers as people write them: 8e9, 15T, 0.5M, and intervals such as 1.08,1.2,1.6."""

from __future__ import annotations

from qwatt.core.errors import QwattError
from qwatt.core.written_number import decimal_of

LARGEST_WHOLE = 10**18


def number(field: str, text: str) -> float:
    """Return a finite number; whether it is in range is the calculator's to say.

    Raises:
        QwattError: not a number; names the field and what was given.
    """
    return float(decimal_of(field, text))


def maybe(field: str, text: str | None) -> float | None:
    """Return the number of an option, None where it was left out."""
    return None if text is None else number(field, text)


def whole(field: str, text: str) -> int:
    """Return a whole number of at most 1e18.

    Raises:
        QwattError: not a number, not whole, or too large.
    """
    value = decimal_of(field, text)
    if abs(value) > LARGEST_WHOLE:
        raise QwattError(f"{field} is {text}, more than 1e18", where=field, mend="give a number up to 1e18")
    if value != int(value):
        raise QwattError(f"{field} is {text}, not a whole number", where=field, mend="give a whole number")
    return int(value)


def maybe_whole(field: str, text: str | None) -> int | None:
    """Return the whole number of an option, None where it was left out."""
    return None if text is None else whole(field, text)


def number_or_name(field: str, text: str) -> float | str:
    """Return a number where the text is one, else the text, which is then a name."""
    try:
        return number(field, text)
    except QwattError:
        return text


def interval(field: str, text: str | None) -> float | tuple[float, ...] | None:
    """Return one number, or three of an interval written low,value,high; None where it was left out.

    Raises:
        QwattError: neither one nor three numbers.
    """
    if text is None:
        return None
    parts = tuple(number(field, part) for part in text.split(","))
    if len(parts) not in {1, 3}:
        mend = "give one number, or low,value,high as in 1.08,1.2,1.6"
        raise QwattError(f"{field} is {text!r}", where=field, mend=mend)
    return parts[0] if len(parts) == 1 else parts
