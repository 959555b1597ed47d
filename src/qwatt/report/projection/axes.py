"""Axes that the pictures share: energy on a logarithmic scale, years, and the colours of chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qwatt.report.projection.amounts import power_of_ten
from qwatt.report.svg import LogAxis, line, log_grid, text

WIDTH = 820
CLASSES = (
    (0.0, "#f3f5f8", "in no draw"),
    (0.001, "#e3ebf3", "below 0.1 %"),
    (0.01, "#c6dbec", "0.1 to 1 %"),
    (0.05, "#9cc3e0", "1 to 5 %"),
    (0.2, "#5f9dcb", "5 to 20 %"),
    (0.5, "#2f72b0", "20 to 50 %"),
    (0.8, "#174d87", "50 to 80 %"),
    (1.0, "#092a5c", "above 80 %"),
)
"""Classes of probability: highest value, colour, words. Small chances are told apart, for most are small."""


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


def ratio_grid(axis: LogAxis, top: float, bottom: float) -> list[str]:
    """Vertical grid lines of a logarithmic axis of ratios, in powers of ten, and the even line."""

    def written(tick: float) -> str:
        return power_of_ten(round(math.log10(tick))) if tick != 1.0 else "1: even"

    return [
        *log_grid(axis, top, bottom, written),
        line(axis.x(1.0), top, axis.x(1.0), bottom, "even"),
    ]


def chance_colour(p: float) -> str:
    """Colour of a probability: pale grey for never, dark blue for likely."""
    return next(colour for most, colour, _ in CLASSES if p <= most or most == 1.0)
