"""Validation of what a user hands to a calculator; a refusal names field, value and valid range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.written_number import decimal_of
from qwatt.projection.spread import Span

LARGEST = 1e300
"""Beyond it a whole number may be no float."""
SMALLEST = 1e-100
"""What must be more than 0 is at least this, as ratios overflow below."""

Given = float | Sequence[float] | Span
"""A user's number: exact, or (low, value, high)."""


def number(
    field: str, value: float, low: float, high: float, *, above: bool = False, hint: str = ""
) -> float:
    """Return a finite number inside [low, high], or inside (low, high] with `above`; text may be one, as 2T.

    Raises:
        QwattError: not a number, or outside; names field, value and range.
    """
    valid = f"{'more than' if above else 'from'} {low:g} to {high:g}"
    mend = f"give a number {valid}{'; ' + hint if hint else ''}"
    value = _read(field, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QwattError(f"{field} is {value!r}", where=field, mend=mend)
    if isinstance(value, float) and not math.isfinite(value):
        raise QwattError(f"{field} is {value!r}", where=field, mend=mend)
    if value > high or value < low or (above and value <= low):
        said = f"{value:g}" if abs(value) < LARGEST else "a number of more than 300 digits"
        raise QwattError(f"{field} is {said}, outside the valid range ({valid})", where=field, mend=mend)
    if above and value < low + SMALLEST:
        raise QwattError(f"{field} is {value:g}, which is too small to divide by", where=field, mend=mend)
    return float(value)


def span(field: str, given: Given, low: float, high: float, *, above: bool = False, hint: str = "") -> Span:
    """Return a user's number with its interval, each end inside the range.

    Raises:
        QwattError: an end is outside, or the ends are not in the order low, value, high.
    """
    given = _read(field, given)
    if given is None or isinstance(given, str | Mapping):
        mend = f"give one number without a unit, or [low, value, high], from {low:g} to {high:g}"
        raise QwattError(f"{field} is {given!r}", where=field, mend=mend)
    if isinstance(given, Span):
        parts = [given.low, given.value, given.high]
    elif isinstance(given, Sequence):
        parts = list(given)
    else:
        parts = [given] * 3
    checked = [number(field, part, low, high, above=above, hint=hint) for part in parts]
    if len(checked) != 3 or sorted(checked) != checked:
        mend = "give one number, or three in the order low, value, high"
        raise QwattError(f"{field} is {list(parts)}", where=field, mend=mend)
    return Span.given(checked)


def _read(field: str, given: Any) -> Any:
    """Return the number that a text writes; anything else, and any other text, as it is."""
    if not isinstance(given, str):
        return given
    try:
        return float(decimal_of(field, given))
    except QwattError:
        return given


def params(field: str, value: float) -> float:
    """Return a number of parameters, more than 0 and up to 1e16."""
    return number(field, value, 0, 1e16, above=True)


def whole(field: str, value: float, low: int = 1, high: int = 10_000_000) -> int:
    """Return a whole number inside the range.

    Raises:
        QwattError: not a number, not whole, or outside.
    """
    if number(field, value, low, high) != int(value):
        raise QwattError(f"{field} is {value:g}, not a whole number", where=field, mend="give a whole number")
    return int(value)
