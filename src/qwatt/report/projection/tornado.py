"""The tornado: how far each assumption alone moves an answer, the largest first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qwatt.report.numbers import short
from qwatt.report.projection.axes import WIDTH
from qwatt.report.projection.heat_map import shortened
from qwatt.report.svg import LogAxis, line, svg, text

ROW, TOP, LEFT, RIGHT = 24, 8, 320, WIDTH - 40
LOW, HIGH = "#1f5fa8", "#b06a00"


@dataclass(frozen=True)
class Swing:
    """An assumption, and the answer at its low and at its high end, everything else at its centre."""

    label: str
    at_low: float
    at_high: float


def tornado(swings: Sequence[Swing], centre: float, title: str, most: int = 8) -> str:
    """Draw positive answers on a logarithmic axis around the centre; blue at an assumption's low end."""
    usable = [s for s in swings if s.at_low > 0 and s.at_high > 0]
    order = sorted(usable, key=lambda s: -abs(math.log(s.at_high / s.at_low)))[:most]
    if not order or centre <= 0:
        return ""
    axis = LogAxis.over([centre, 1.0, *(end for s in order for end in (s.at_low, s.at_high))], LEFT, RIGHT)
    bottom = TOP + ROW * len(order)
    parts = []
    for tick in axis.ticks():
        parts += [line(axis.x(tick), TOP, axis.x(tick), bottom, "grid")]
        parts += [text(axis.x(tick), bottom + 16, _times(tick), "middle", "tick")]
    for index, swing in enumerate(order):
        parts += _row(swing, centre, axis, TOP + ROW * (index + 0.5))
    parts += [
        line(axis.x(1.0), TOP, axis.x(1.0), bottom, "even"),
        line(axis.x(centre), TOP, axis.x(centre), bottom, "centre"),
    ]
    return svg(WIDTH, bottom + 24, title, parts)


def _row(swing: Swing, centre: float, axis: LogAxis, y: float) -> list[str]:
    parts = [text(LEFT - 8, y + 4, shortened(swing.label, 46), "end", "name")]
    for end, colour, which in ((swing.at_low, LOW, "low"), (swing.at_high, HIGH, "high")):
        left, right = sorted((axis.x(centre), axis.x(end)))
        parts.append(
            f'<rect x="{left:.1f}" y="{y - 7:.1f}" width="{max(right - left, 0.5):.1f}" height="14" '
            f'fill="{colour}" opacity="0.8"><title>at the {which} end: {short(end)}</title></rect>'
        )
    return parts


def _times(value: float) -> str:
    power = round(math.log10(value))
    return {0: "1", 1: "10", 2: "100", -1: "0.1"}.get(power, f"1e{power}")
