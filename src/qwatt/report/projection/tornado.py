"""The tornado: how far each assumption alone moves the energy ratio, the largest first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qwatt.report.layout import Layout, wide
from qwatt.report.projection.amounts import times
from qwatt.report.projection.axes import ratio_grid
from qwatt.report.projection.heat_map import shortened
from qwatt.report.svg import LogAxis, dot, line, svg

ROW, TOP = 22, 8
WIDE = wide(330, 20, 50)
ENDS = "var(--ink)"


@dataclass(frozen=True)
class Swing:
    """An assumption, and the ratio at its low and at its high end, everything else at its median."""

    label: str
    at_low: float
    at_high: float


def tornado(swings: Sequence[Swing], title: str, most: int = 8, layout: Layout = WIDE) -> str:
    """Draw quantum over classical joules; blue is an assumption's low end, orange its high end."""
    usable = [s for s in swings if s.at_low > 0 and s.at_high > 0]
    order = sorted(usable, key=lambda s: -abs(math.log(s.at_high / s.at_low)))[:most]
    if not order:
        return ""
    axis = LogAxis.over(
        [1.0, *(end for s in order for end in (s.at_low, s.at_high))], layout.left, layout.right
    )
    bottom = TOP + layout.pitch(ROW) * len(order)
    parts = ratio_grid(axis, TOP, bottom, layout.width)
    for index, swing in enumerate(order):
        parts += _row(swing, axis, layout, layout.middle(TOP + layout.pitch(ROW) * index, ROW))
    return svg(layout.width, bottom + 24, title, parts)


def _row(swing: Swing, axis: LogAxis, layout: Layout, y: float) -> list[str]:
    left, right = axis.x(swing.at_low), axis.x(swing.at_high)
    return [
        layout.name(y, shortened(swing.label, layout.letters + 12 if layout.above else layout.letters)),
        line(left, y, right, y, "span", "var(--control)"),
        dot(left, y, ENDS, hollow=True, title=f"low end: {times(swing.at_low)}"),
        dot(right, y, ENDS, title=f"high end: {times(swing.at_high)}"),
    ]
