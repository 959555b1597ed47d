"""Axes that the pictures share: energy on a logarithmic scale, years, and the colours of chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qwatt.report.numbers import power_of_ten
from qwatt.report.svg import LogAxis, line, log_grid, text

WIDTH = 820
CLASSES = (
    (0.0, 0.03, "in no draw"),
    (0.001, 0.08, "below 0.1 %"),
    (0.01, 0.16, "0.1 to 1 %"),
    (0.05, 0.28, "1 to 5 %"),
    (0.2, 0.45, "5 to 20 %"),
    (0.5, 0.62, "20 to 50 %"),
    (0.8, 0.8, "50 to 80 %"),
    (1.0, 1.0, "above 80 %"),
)
"""Classes of probability: highest value, opacity, words. Small chances are told apart, for most are small."""


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


def ratio_grid(axis: LogAxis, top: float, bottom: float, width: float) -> list[str]:
    """Vertical grid lines of a logarithmic axis of ratios, in powers of ten, and the even line."""

    def written(tick: float) -> str:
        return power_of_ten(round(math.log10(tick))) if tick != 1.0 else "1: even"

    return [
        *log_grid(axis, top, bottom, width, written),
        line(axis.x(1.0), top, axis.x(1.0), bottom, "even"),
    ]


def chance_opacity(p: float) -> float:
    """Opacity of a probability in the colour of quantum: faint for never, full for likely."""
    return next(opacity for most, opacity, _ in CLASSES if p <= most or most == 1.0)
