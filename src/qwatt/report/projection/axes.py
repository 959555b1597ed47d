"""Axes that the pictures share: energy on a logarithmic scale, years, and the colours of chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qwatt.report.projection.amounts import amount
from qwatt.report.svg import LogAxis, line, text

WIDTH = 820
_STOPS = ((0.0, (240, 243, 247)), (0.25, (158, 197, 226)), (0.6, (43, 114, 181)), (1.0, (9, 42, 92)))


@dataclass(frozen=True)
class YearAxis:
    """A horizontal linear axis of years; each year is centred on its pixel."""

    first: int
    last: int
    left: float
    right: float

    @property
    def step(self) -> float:
        """Pixels of a year."""
        return (self.right - self.left) / (self.last - self.first + 1)

    def x(self, year: float) -> float:
        """Pixel of the middle of a year, clipped to the axis."""
        inside = min(max(year, self.first), self.last)
        return self.left + (inside - self.first + 0.5) * self.step

    def ticks(self) -> list[int]:
        """Every fifth year, and the first where that leaves room."""
        fifth = [year for year in range(self.first, self.last + 1) if year % 5 == 0]
        return fifth if fifth and fifth[0] - self.first < 3 else [self.first, *fifth]


def year_labels(axis: YearAxis, y: float) -> list[str]:
    """Year labels at a height."""
    return [text(axis.x(year), y, str(year), "middle", "tick") for year in axis.ticks()]


def unit_grid(axis: LogAxis, top: float, bottom: float, unit: str) -> list[str]:
    """Vertical grid lines of a logarithmic axis, labelled in the step of the unit's ladder."""
    parts = []
    for tick in axis.ticks():
        x = axis.x(tick)
        parts += [line(x, top, x, bottom, "grid"), text(x, bottom + 16, amount(tick, unit), "middle", "tick")]
    return parts


def chance_colour(p: float) -> str:
    """Colour of a probability: pale grey for never, dark blue for sure."""
    for (low, start), (high, end) in pairwise(_STOPS):
        if p <= high:
            share = (max(p, low) - low) / (high - low)
            mixed: Sequence[int] = [round(a + share * (b - a)) for a, b in zip(start, end, strict=True)]
            return "#" + "".join(f"{part:02x}" for part in mixed)
    return "#092a5c"
