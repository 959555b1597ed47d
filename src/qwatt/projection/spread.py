"""A number with its interval inside a calculation; independent factors combine in the logarithm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Boundary, Quantity


@dataclass(frozen=True, slots=True)
class Span:
    """A finite, non-negative number with low <= value <= high; the interval is read as 90 %.

    Products and quotients take the factors as independent: their half widths in the logarithm add in squares.
    Sums take the parts as fully dependent, which is the wider choice: their ends add.
    """

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.high) and 0 <= self.low <= self.value <= self.high):
            raise QwattError(f"not an interval of finite numbers: {self.value} [{self.low}, {self.high}]")

    @classmethod
    def of(cls, entry: Mapping[str, Any], unit: str) -> Span:
        """Return a catalogue number.

        Raises:
            QwattError: the entry is in another unit than the formula expects.
        """
        if entry["unit"] != unit:
            raise QwattError(
                f"the formula expects {unit}, the catalogue has {entry['unit']} ({entry['source']})"
            )
        return cls.given(
            (entry.get("low", entry["value"]), entry["value"], entry.get("high", entry["value"]))
        )

    @classmethod
    def given(cls, number: float | Sequence[float] | Span) -> Span:
        """Return a user's number: exact, or (low, value, high)."""
        if isinstance(number, Span):
            return number
        if isinstance(number, Sequence):
            low, value, high = (float(x) for x in number)
            return cls(value, low, high)
        return cls(float(number), float(number), float(number))

    @classmethod
    def from_quantity(cls, quantity: Quantity, unit: str) -> Span:
        """Return a known quantity in the unit that the formula expects.

        Raises:
            QwattError: unknown, or of another dimension (joules where hours are expected).
        """
        low, value, high = quantity.to(unit).interval
        return cls(value, low, high)

    def __mul__(self, other: float | Span) -> Span:
        right = Span.given(other)
        return _combine(self.value * right.value, self.high * right.high, _shares(self), _shares(right))

    __rmul__ = __mul__

    def __truediv__(self, other: float | Span) -> Span:
        right = Span.given(other)
        if right.low <= 0:
            raise QwattError(f"a calculation divides by an interval that contains 0: {right}")
        down, up = _shares(right)
        return _combine(self.value / right.value, self.high / right.low, _shares(self), (up, down))

    def __add__(self, other: Span) -> Span:
        return Span(self.value + other.value, self.low + other.low, self.high + other.high)

    def hull(self, low: float, high: float) -> Span:
        """Widen the interval to contain `low` and `high`."""
        return Span(self.value, min(self.low, low), max(self.high, high))

    def capped(self, ceiling: float) -> Span:
        """Cut off whatever is above `ceiling`."""
        return Span(*(min(x, ceiling) for x in (self.value, self.low, self.high)))

    def __str__(self) -> str:
        return f"{self.value:.4g}" + ("" if self.low == self.high else f" [{self.low:.3g}, {self.high:.3g}]")

    def quantity(
        self,
        unit: str,
        boundary: Boundary | None = None,
        basis: Basis = Basis.MODELLED,
        reason: str | None = None,
    ) -> Quantity:
        """Return the labelled quantity that leaves a calculator."""
        return Quantity(self.value, self.low, self.high, unit, basis, boundary, reason)


def _shares(span: Span) -> tuple[float, float]:
    """Return ln(value/low) and ln(high/value); a low of 0 gives infinity."""
    if span.value == 0:
        return 0.0, 0.0
    down = math.log(span.value / span.low) if span.low > 0 else math.inf
    return max(down, 0.0), max(math.log(span.high / span.value), 0.0)


def _combine(value: float, high_at_0: float, left: tuple[float, float], right: tuple[float, float]) -> Span:
    if value == 0:
        return Span(0.0, 0.0, high_at_0)
    down, up = (math.hypot(a, b) for a, b in zip(left, right, strict=True))
    return Span(value, value * math.exp(-down), value * math.exp(up))
