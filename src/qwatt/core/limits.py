"""What values a user may fix a setting at, beyond those that the tuner tries."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from qwatt.core.errors import QwattError

Limit = tuple[float, float] | frozenset[str] | Callable[[Any], object]
"""The lowest and highest number, both allowed; the allowed texts; or a check that raises a `QwattError`."""

MOST_SHOTS = 10**9
"""Per circuit; what draws outcomes counts them in 64 bits, and sums over many circuits."""
MOST_TUNING_TRIALS = 10**6
MOST_COUNT = 10**6
"""Of steps, reads, starts and whatever else a method counts, where it states no limit of its own."""
MOST_NUMBER = 1e150
"""Of a quality or a QPU's cost in a record, whatever its unit: squares and their sums stay finite."""


def check_limit(value: Any, candidates: Sequence[Any], limit: Limit | None) -> None:
    """Check a value of the right type against a setting's limit.

    Without a limit a number must be above 0 where all candidates are, or not below 0 where none is, a count
    (a number whose candidates are whole) at most a million or the largest candidate, and a text one of the
    candidates: so that what is impossible or would never end is refused before anything runs.

    Raises:
        QwattError: the value is outside; `what` continues the words "NAME takes ... for SETTING".
    """
    found = sorted(limit) if isinstance(limit, frozenset) else candidates
    texts = [text for text in found if isinstance(text, str)]
    if callable(limit):
        limit(value)
    elif isinstance(value, str):
        if value not in texts:
            raise QwattError(" or ".join(texts + ["a number"] * (len(texts) < len(found))))
    elif not isinstance(value, bool):
        numbers = [number for number in candidates if not isinstance(number, str)]
        low, high = limit if isinstance(limit, tuple) else _usual(numbers)
        if not low <= value <= high:
            raise QwattError(_span(low, high))


def _usual(candidates: Sequence[float]) -> tuple[float, float]:
    """Return the lowest number that has the candidates' sign, and the highest of their kind."""
    lowest, counted = min(candidates), all(isinstance(number, int) for number in candidates)
    above_0 = 1.0 if counted else math.ulp(0.0)
    low = -math.inf if lowest < 0 else 0.0 if lowest == 0 else above_0
    return low, max(MOST_COUNT, *candidates) if counted else math.inf


def _span(low: float, high: float) -> str:
    start = "a number above 0" if low == math.ulp(0.0) else f"a number from {_plain(low)}"
    return start if high == math.inf else f"{start} to {_plain(high)}"


def _plain(number: float) -> str:
    return f"{number:,.0f}" if abs(number) < 1e15 and number == int(number) else f"{number:g}"
