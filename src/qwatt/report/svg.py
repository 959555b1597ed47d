"""The few SVG pieces that the figures are drawn with."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from qwatt.report.escaping import in_svg

_WHOLE = re.compile(r'="(-?[0-9]+)\.0"')
"""A whole number of pixels, written with a decimal: a page has tens of thousands."""
_LETTER = 6.5
"""Pixels that a letter of an axis takes."""
COLOURS = {kind: f"var(--{kind})" for kind in ("classical", "quantum", "inspired", "control", "save")}


@dataclass(frozen=True)
class LogAxis:
    """A horizontal logarithmic axis.

    Args:
        low: smallest value to show, above 0.
        high: largest value to show.
        left: pixel of the left end.
        right: pixel of the right end.
    """

    low: float
    high: float
    left: float
    right: float

    @classmethod
    def over(cls, values: Iterable[float], left: float, right: float) -> LogAxis:
        """Span whole decades around the positive values."""
        positive = [v for v in values if v > 0] or [1.0]
        low, high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
        return cls(10.0**low, 10.0 ** max(high, low + 1), left, right)

    def x(self, value: float) -> float:
        """Pixel of a value, clipped to the axis."""
        span = math.log10(self.high / self.low)
        share = math.log10(max(value, self.low) / self.low) / span
        return self.left + min(1.0, share) * (self.right - self.left)

    def ticks(self) -> list[float]:
        """One tick a decade, thinned to at most eight, on a phone to four."""
        first, last = round(math.log10(self.low)), round(math.log10(self.high))
        step = max(1, math.ceil((last - first) / (8 if self.right - self.left > 380 else 4)))
        return [10.0**power for power in range(first, last + 1, step)]


@dataclass(frozen=True)
class LinearAxis:
    """A vertical linear axis; `bottom` and `top` are pixels."""

    low: float
    high: float
    bottom: float
    top: float

    @classmethod
    def over(cls, values: Iterable[float], bottom: float, top: float) -> LinearAxis:
        """Span the values with a margin, which goes neither below 0 nor above 1 where no value does.

        So a share, an accuracy or an F1 has no ticks where none can be.
        """
        items = list(values) or [0.0, 1.0]
        low, high = min(items), max(items)
        margin = 0.08 * (high - low) or 0.05 * max(1.0, abs(high))
        lowest, highest = low - margin, high + margin
        return cls(
            0.0 if lowest < 0.0 <= low else lowest,
            1.0 if high <= 1.0 < highest else highest,
            bottom,
            top,
        )

    def y(self, value: float) -> float:
        """Pixel of a value."""
        return self.bottom + (value - self.low) / (self.high - self.low) * (self.top - self.bottom)

    def ticks(self, count: int = 5) -> list[float]:
        """Round numbers inside the axis."""
        step = 10 ** math.floor(math.log10((self.high - self.low) / count))
        step = min((s * step for s in (1, 2, 5, 10)), key=lambda s: abs((self.high - self.low) / s - count))
        first = math.ceil(self.low / step)
        return [i * step for i in range(first, math.floor(self.high / step) + 1)]


def line(x1: float, y1: float, x2: float, y2: float, css: str = "", colour: str | None = None) -> str:
    """A line."""
    stroke = f' stroke="{colour}"' if colour else ""
    return f'<line class="{css}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{stroke}/>'


def text(x: float, y: float, words: str, anchor: str = "start", css: str = "") -> str:
    """A label; the words are escaped."""
    aligned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}"{aligned}>{in_svg(words)}</text>'


def dot(x: float, y: float, colour: str, hollow: bool = False, title: str = "") -> str:
    """A point, hollow for what cannot be run; the title shows on hover."""
    fill = "var(--bg)" if hollow else colour
    tip = f"<title>{in_svg(title)}</title>" if title else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{fill}" stroke="{colour}" stroke-width="1.5">{tip}</circle>'  # noqa: E501


def svg(width: float, height: float, label: str, parts: Iterable[str]) -> str:
    """A whole picture with a label for screen readers."""
    inside = _WHOLE.sub(r'="\1"', "".join(parts))
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{in_svg(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    )


def tick_label(x: float, y: float, words: str, width: float) -> str:
    """A label below its line; one that would leave a picture of this width goes inwards."""
    half = _LETTER / 2 * len(words)
    anchor = "start" if x < half else "end" if x > width - half else "middle"
    return text(x, y, words, anchor, "tick")


def log_grid(
    axis: LogAxis, top: float, bottom: float, width: float, written: Callable[[float], str]
) -> list[str]:
    """Vertical grid lines of a logarithmic axis, and its labels as `written` writes a tick."""
    parts = []
    for tick in axis.ticks():
        x = axis.x(tick)
        parts += [line(x, top, x, bottom, "grid"), tick_label(x, bottom + 16, written(tick), width)]
    return parts
