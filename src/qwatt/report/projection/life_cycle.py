"""The life-cycle picture: what each stage takes classically over the model's life, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qwatt.core.quantity import Quantity
from qwatt.report.layout import Layout, wide
from qwatt.report.projection.amounts import amount, percent, value_and_interval, with_interval
from qwatt.report.svg import COLOURS, LogAxis, dot, line, log_grid, svg, text

ROW, TOP = 34, 14
WIDE = wide(110, 170)


@dataclass(frozen=True)
class StageBar:
    """One stage: its facility energy over the model's life, and its share of the whole."""

    stage: str
    energy: Quantity
    share: Quantity


def life_cycle_picture(bars: Sequence[StageBar], layout: Layout = WIDE) -> str:
    """Draw the stages' facility energy on one logarithmic axis; unknown energies are named, not drawn."""
    ends = [end for bar in bars if bar.energy.known for end in bar.energy.to("kWh").interval]
    if not ends:
        return ""
    positive = [end for end in ends if end > 0]
    axis = LogAxis.over([max(end, max(positive) * 1e-12) for end in positive], layout.left, layout.right)
    bottom = TOP + layout.pitch(ROW) * len(bars)
    parts = log_grid(axis, TOP, bottom, layout.width, lambda kwh: amount(kwh, "kWh"))
    for index, bar in enumerate(bars):
        parts += _row(bar, axis, layout, layout.middle(TOP + layout.pitch(ROW) * index, ROW))
    return svg(layout.width, bottom + 26, "Life-cycle energy by stage", parts)


def _row(bar: StageBar, axis: LogAxis, layout: Layout, y: float) -> list[str]:
    name = layout.name(y, bar.stage)
    if not bar.energy.known:
        return [name, text(layout.left + 6, y + 4, "unknown", css="tick")]
    low, value, high = bar.energy.to("kWh").interval
    if high <= 0:
        return [name, text(layout.left + 6, y + 4, "nothing: no such work in this scenario", css="tick")]
    colour = COLOURS["classical"]
    share = percent(bar.share.interval[1]) if bar.share.known else ""
    return [
        name,
        f'<rect x="{axis.x(low):.1f}" y="{y - 6:.1f}" width="{max(axis.x(high) - axis.x(low), 1):.1f}" '
        f'height="12" rx="3" fill="{colour}" opacity="0.3"/>',
        line(axis.x(value), y - 9, axis.x(value), y + 9, "bar", colour),
        dot(axis.x(value), y, colour, title=f"{bar.stage}: {with_interval(bar.energy)}"),
        layout.value(
            y, ", ".join(part for part in (value_and_interval(bar.energy)[0], share) if part), "name"
        ),
    ]
