"""The ruler: how many powers of ten each enhancement is from paying, with its limit beside the number."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwatt.projection.verdicts.limits import MEANINGS
from qwatt.report.escaping import in_svg
from qwatt.report.layout import Layout, wide
from qwatt.report.numbers import power_of_ten
from qwatt.report.projection.amounts import percent
from qwatt.report.projection.heat_map import shortened
from qwatt.report.svg import COLOURS, line, svg, text, tick_label

Record = Mapping[str, Any]

LOW, HIGH = -3.0, 26.6
"""Powers of ten at both ends, the same in every report so that two can be laid side by side."""

ROW, HEAD, TOP = 20, 24, 30
WIDE = wide(290, 150, 42)
SIZES = ((1e-6, 2.5), (1e-3, 3.5), (1e-2, 5.0), (1.0, 7.0))
"""Radius of a dot by the share of the life that a free QPU would save: largest share, pixels."""

_MARKS = {0: "even", 6: "million times", 12: "trillion times", 18: "10¹⁸ times"}


@dataclass(frozen=True)
class Far:
    """One enhancement on the ruler.

    Args:
        stage, name: of the enhancement.
        distance: log10 of its joules over the best classical method's by year; None beyond any number.
        low, high: 80 % interval in the last year, None where unknown.
        limit: what limits it; None with a free QPU.
        share: of the life that a free QPU would save; None where unknown.
        runs: whether a machine in service can run it.
    """

    stage: str
    name: str
    distance: Mapping[int, float | None]
    low: float | None
    high: float | None
    limit: str | None
    share: float | None
    runs: bool

    @property
    def last(self) -> float | None:
        """Distance in the last year."""
        return self.distance[max(self.distance)] if self.distance else None

    @property
    def radius(self) -> float:
        """Radius of its dot."""
        return next((size for most, size in SIZES if (self.share or 0.0) < most), SIZES[-1][1])


def far_of(entries: Sequence[Record]) -> list[Far]:
    """Return what stands on the ruler: every quantum enhancement, by stage and then the nearest first."""
    found = [_far(entry) for entry in entries if entry["kind"] == "quantum" and entry["distance"]]
    order = list(dict.fromkeys(far.stage for far in found))
    return sorted(
        found,
        key=lambda far: (order.index(far.stage), far.last is None, 0.0 if far.last is None else far.last),
    )


def ruler(rows: Sequence[Far], layout: Layout = WIDE) -> str:
    """Draw a ring for today, ticks for the years between, a dot for the last year; a row an enhancement."""
    if not any(far.last is not None for far in rows):
        return ""
    stages = len({far.stage for far in rows})
    bottom = TOP + layout.pitch(ROW) * len(rows) + HEAD * stages
    parts, y = _scale(layout, bottom), float(TOP)
    for stage, mates in itertools.groupby(rows, key=lambda far: far.stage):
        parts.append(text(0, y + 16, stage, css="stage"))
        y += HEAD
        for far in mates:
            parts += _row(far, layout, layout.middle(y, ROW))
            y += layout.pitch(ROW)
    return svg(
        layout.width,
        bottom + 20,
        "Powers of ten between each enhancement and the best classical method",
        parts,
    )


def limits_note(rows: Sequence[Far]) -> str:
    """Say what each limit on the ruler means."""
    named = {str(name): meaning for name, meaning in MEANINGS.items()}
    used = [far.limit for far in rows if far.limit]
    return "; ".join(f"{name}: {named[name]}" for name in named if name in used)


def _far(entry: Record) -> Far:
    ratio = {int(year): ends for year, ends in entry["ratio"].items()}
    ends = ratio[max(ratio)]
    low, high = (_log(ends[name]) for name in ("p10", "p90"))
    machine = entry["today"]
    return Far(
        stage=entry["stage"],
        name=entry["name"],
        distance={int(year): far for year, far in entry["distance"].items()},
        low=low,
        high=high,
        limit=entry["limit"],
        share=entry["ceiling"]["share"],
        runs=bool(machine and machine["executable"]),
    )


def _log(ratio: float | None) -> float | None:
    from math import log10

    return log10(ratio) if ratio else None


def _x(layout: Layout, power: float) -> float:
    inside = min(max(power, LOW), HIGH)
    return layout.left + (inside - LOW) / (HIGH - LOW) * (layout.right - layout.left)


def _scale(layout: Layout, bottom: float) -> list[str]:
    """Return the zone that pays, and a line each three powers of ten with its words."""
    zone = (
        f'<rect x="{_x(layout, LOW):.1f}" y="{TOP}" width="{_x(layout, 0) - _x(layout, LOW):.1f}" '
        f'height="{bottom - TOP:.1f}" '
        'fill="var(--zone)"/>'
    )
    parts = [zone]
    for power in range(-3, 25, 3):
        css = "even" if power == 0 else "grid"
        parts += [
            line(_x(layout, power), TOP, _x(layout, power), bottom, css),
            tick_label(
                _x(layout, power), bottom + 14, power_of_ten(power) if power else "even", layout.width
            ),
        ]
        if power in _MARKS:
            parts.append(text(_x(layout, power), TOP - 8, _MARKS[power], "middle", "tick"))
    return parts


def _row(far: Far, layout: Layout, y: float) -> list[str]:
    colour = COLOURS["quantum"]
    words = "beyond any number" if far.last is None else f"{far.last:.1f}"
    said = f"{words}, {far.limit}" if far.limit else words
    parts = [
        layout.name(y, shortened(far.name, layout.letters)),
        layout.value(y, said),
    ]
    if far.low is not None and far.high is not None:
        parts.append(
            f'<line x1="{_x(layout, far.low):.1f}" y1="{y:.1f}" x2="{_x(layout, far.high):.1f}" y2="{y:.1f}" '
            f'stroke="{colour}" stroke-width="6" opacity="0.2"/>'
        )
    years = sorted(far.distance)
    for year in years[:-1]:
        at = far.distance[year]
        if at is not None and year == years[0]:
            parts.append(
                _circle(_x(layout, at), y, 3.5, colour, True, f"{far.name}, {year}: {at:.1f} powers of ten")
            )
        elif at is not None:
            parts.append(line(_x(layout, at), y - 4, _x(layout, at), y + 4, "bar", colour))
    if far.last is not None:
        share = "" if far.share is None else f"; a free QPU would save {percent(far.share)} of the life"
        title = f"{far.name}, {years[-1]}: {far.last:.1f} powers of ten, limit {far.limit}{share}"
        parts.append(_circle(_x(layout, far.last), y, far.radius, colour, not far.runs, title))
    return parts


def _circle(x: float, y: float, radius: float, colour: str, hollow: bool, title: str) -> str:
    fill = "var(--bg)" if hollow else colour
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}" stroke="{colour}" stroke-width="1.5">'
        f"<title>{in_svg(title)}</title></circle>"
    )
