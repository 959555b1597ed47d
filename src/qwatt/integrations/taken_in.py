"""What users hand to a recording, as its row holds it; what no row could hold is refused first."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from typing import Any

from qwatt.core.errors import QwattError


def counts_taken(counts: Mapping[str, float]) -> dict[str, float]:
    """Return counts as plain numbers, those of numpy and torch too.

    Raises:
        QwattError: one is no finite number of 0 or more: no sum could take it, and no reader the row.
    """
    return {str(name): _count(str(name), number) for name, number in counts.items()}


def _count(name: str, number: Any) -> float:
    try:
        plain = number if isinstance(number, int) else number.item() if hasattr(number, "item") else number
        if not isinstance(plain, bool | str) and math.isfinite(plain) and plain >= 0:
            return plain if isinstance(plain, int) else float(plain)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        pass  # what cannot be compared with a number is none; a tensor of many raises RuntimeError
    what = f"{str(number)[:80]!r} is no count"
    raise QwattError(what, where=f"counts, {name}", mend="give a finite number of 0 or more")


def facts_taken(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as JSON holds them; what is neither finite number nor text is written as text."""
    return {str(key): _fact(value) for key, value in facts.items()}


def _fact(value: Any) -> Any:
    plain = value.item() if hasattr(value, "dtype") and getattr(value, "size", 0) == 1 else value  # of numpy
    if isinstance(plain, float) and math.isfinite(plain):
        return float(plain)
    return plain if isinstance(plain, str | int | None) else str(plain)


def seconds_taken(every_s: float) -> float:
    """Return the seconds between two interim rows.

    Raises:
        QwattError: rows could not be written so often, or never would be.
    """
    if 0 < every_s <= threading.TIMEOUT_MAX:  # NaN is neither
        return every_s
    mend = "give a number above 0, such as 30"
    raise QwattError(f"{every_s!r} seconds between two rows", where="every_s", mend=mend)
