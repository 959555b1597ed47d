"""Break-even years: P10 to P90 with the median, and how probable it is that the year never comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qwatt.report.layout import Layout, wide
from qwatt.report.projection.amounts import chance
from qwatt.report.projection.axes import YearAxis, year_labels
from qwatt.report.projection.heat_map import shortened
from qwatt.report.svg import COLOURS, dot, line, svg, text

ROW, TOP = 24, 8
WIDE = wide(280, 130)
NEVER = "var(--control)"


@dataclass(frozen=True)
class BreakEven:
    """Percentiles of the break-even year over all draws; None where that percentile never breaks even."""

    label: str
    p10: float | None
    p50: float | None
    p90: float | None
    never: float


def break_even_bars(rows: Sequence[BreakEven], first: int, last: int, layout: Layout = WIDE) -> str:
    """Draw a bar a row from P10 to P90 (an open end where P90 is never), and P(never) at the right."""
    if not rows:
        return ""
    axis = YearAxis(first, last, layout.left, layout.right)
    bottom = TOP + layout.pitch(ROW) * len(rows)
    parts = [line(axis.x(year), TOP, axis.x(year), bottom, "grid") for year in axis.ticks()]
    parts += year_labels(axis, bottom + 16)
    if not layout.above:
        parts.append(text(layout.right + 12, bottom + 16, "never", css="tick"))
    for index, row in enumerate(rows):
        parts += _row(row, axis, layout, layout.middle(TOP + layout.pitch(ROW) * index, ROW))
    return svg(layout.width, bottom + 24, "Break-even years", parts)


def _row(row: BreakEven, axis: YearAxis, layout: Layout, y: float) -> list[str]:
    colour = COLOURS["quantum"]
    parts = [layout.name(y, shortened(row.label, layout.letters))]
    if row.p10 is None:
        parts.append(
            text(layout.left + 4, y + 4, f"not before {axis.last} in nine of ten futures", css="tick")
        )
    else:
        end = layout.right if row.p90 is None else axis.x(row.p90)
        parts.append(line(axis.x(row.p10), y, end, y, "span", colour))
        if row.p90 is None:
            parts.append(
                f'<path d="M{layout.right - 5:.0f} {y - 4:.1f} l6 4 l-6 4" fill="none" stroke="{colour}"/>'
            )
        if row.p50 is not None:
            parts.append(dot(axis.x(row.p50), y, colour, title=f"{row.label}: median {row.p50:.0f}"))
    if layout.above:
        return [*parts, layout.value(y, f"never: {chance(row.never)}", "name")]
    width, right = 50 * row.never, layout.right
    return [
        *parts,
        f'<rect x="{right + 12:g}" y="{y - 6:.1f}" width="50" height="12" rx="2" fill="var(--bar)"/>',
        f'<rect x="{right + 12:g}" y="{y - 6:.1f}" width="{width:.1f}" height="12" rx="2" fill="{NEVER}" '
        'opacity="0.75"/>',
        text(right + 70, y + 4, chance(row.never), css="name"),
    ]
