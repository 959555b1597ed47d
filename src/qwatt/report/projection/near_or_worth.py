"""Near, or worth much: how far an enhancement is from paying, against what a free QPU would save."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

from qwatt.projection.verdicts.rules import threshold
from qwatt.report.layout import Layout, wide
from qwatt.report.numbers import power_of_ten
from qwatt.report.projection.amounts import percent
from qwatt.report.projection.heat_map import shortened
from qwatt.report.projection.ruler import HIGH, LOW, Far
from qwatt.report.svg import COLOURS, dot, line, svg, text

HEIGHT, TOP, BOTTOM = 420, 20, 380
WIDE = wide(110, 20, 34)
LEAST, MOST = -15.0, 0.0
"""Powers of ten of the share of the life at the lower and upper end."""

LABELLED = 3
"""The nearest and the most worthwhile that are named; the others are named on hover and in the table."""


def near_or_worth(rows: Sequence[Far], layout: Layout = WIDE) -> str:
    """Draw a dot an enhancement: left is near, up is worth much; the shaded corner is both."""
    known = [far for far in rows if far.last is not None and far.share]
    if not known:
        return ""
    named = {far.name for far in sorted(known, key=_last)[:LABELLED]}
    named |= {far.name for far in sorted(known, key=lambda far: -(far.share or 0.0))[:LABELLED]}
    parts = _frame(layout)
    heights: list[float] = []
    for far in sorted(known, key=lambda far: -(far.share or 0.0)):
        x, y = _x(layout, _last(far)), _y(far.share or 0.0)
        parts.append(dot(x, y, COLOURS["quantum"], not far.runs, _title(far)))
        if far.name in named:
            label = next((at for at in _places(y) if all(abs(at - h) >= 14 for h in heights)), None)
            if label is None:
                continue  # no room left: the title and the table carry the name
            heights.append(label)
            side = (x + 8, "start") if x < (layout.left + layout.right) / 2 else (x - 8, "end")
            parts.append(
                text(
                    side[0],
                    label + 4,
                    f"{shortened(far.name, layout.letters)} ({far.limit})",
                    side[1],
                    "name",
                )
            )
    return svg(layout.width, HEIGHT, "Distance against what a free QPU would save", parts)


def _places(y: float) -> list[float]:
    every = [y + sign * step for step in range(0, HEIGHT, 2) for sign in (1, -1)]
    return [place for place in every if TOP + 8 <= place <= BOTTOM]


def _last(far: Far) -> float:
    assert far.last is not None
    return far.last


def _title(far: Far) -> str:
    return (
        f"{far.name}: {_last(far):.1f} powers of ten, limit {far.limit}; a free QPU would save "
        f"{percent(far.share or 0.0)} of the life"
    )


def _x(layout: Layout, power: float) -> float:
    inside = min(max(power, LOW), HIGH)
    return layout.left + (inside - LOW) / (HIGH - LOW) * (layout.right - layout.left)


def _y(share: float) -> float:
    power = min(max(log10(share), LEAST), MOST)
    return BOTTOM + (power - LEAST) / (MOST - LEAST) * (TOP - BOTTOM)


def _frame(layout: Layout) -> list[str]:
    """Return axes, the zone that pays, and the floor of what is worth watching."""
    left, right, floor = layout.left, layout.right, _y(threshold("least_share"))
    parts = [
        f'<rect x="{_x(layout, LOW):.1f}" y="{TOP}" width="{_x(layout, 0) - _x(layout, LOW):.1f}" '
        f'height="{floor - TOP:.1f}" '
        'fill="var(--zone)"/>',
        line(left, floor, right, floor, "even"),
        text(right, floor - 5, "below: a free QPU would save too little to matter", "end", "tick"),
        text(
            (left + right) / 2,
            HEIGHT - 6,
            "joules over the best classical method's, last year",
            "middle",
            "tick",
        ),
        text(left, TOP - 6, "share of the life that a free QPU would save", css="tick"),
    ]
    for power in range(-3, 25, 3):
        parts += [
            line(_x(layout, power), TOP, _x(layout, power), BOTTOM, "even" if power == 0 else "grid"),
            text(_x(layout, power), BOTTOM + 15, power_of_ten(power) if power else "even", "middle", "tick"),
        ]
    for power in range(int(LEAST), 1, 3):
        y = _y(10.0**power)
        parts += [line(left, y, right, y, "grid"), text(left - 6, y + 4, _share(power), "end", "tick")]
    return parts


def _share(power: int) -> str:
    return percent(10.0**power) if power >= -3 else power_of_ten(power)
