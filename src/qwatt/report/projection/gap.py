"""How far away: quantum over classical joules, if a machine of any size were granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qwatt.report.projection.amounts import times
from qwatt.report.projection.axes import WIDTH, ratio_grid
from qwatt.report.projection.heat_map import shortened
from qwatt.report.svg import COLOURS, LogAxis, dot, line, svg, text

ROW, TOP, LEFT, RIGHT = 20, 8, 280, WIDTH - 20
Ratio = Mapping[str, float | None]
"""p10, p50 and p90 of quantum over classical joules; None where not finite."""


@dataclass(frozen=True)
class GapRow:
    """An enhancement's ratio in the first and in the last year."""

    label: str
    first: Ratio
    last: Ratio


def gap_picture(rows: Sequence[GapRow], first: int, last: int) -> str:
    """Draw P10 to P90 of the last year as a bar, medians as dots (hollow: first year), and the even line."""
    known = [row for row in rows if row.first.get("p50") or row.last.get("p50")]
    if not known:
        return ""
    ends = [ratio.get(name) for row in known for ratio in (row.first, row.last) for name in ("p10", "p50")]
    axis = LogAxis.over([1.0, *(end for end in ends if end)], LEFT, RIGHT)
    bottom = TOP + ROW * len(known)
    parts = ratio_grid(axis, TOP, bottom)
    for index, row in enumerate(known):
        parts += _row(row, axis, TOP + ROW * (index + 0.5), (first, last))
    return svg(WIDTH, bottom + 24, "Quantum over classical energy", parts)


def _row(row: GapRow, axis: LogAxis, y: float, years: tuple[int, int]) -> list[str]:
    colour = COLOURS["quantum"]
    parts = [text(LEFT - 8, y + 4, shortened(row.label, 40), "end", "name")]
    low, high = row.last.get("p10"), row.last.get("p90")
    if low and high:
        parts.append(line(axis.x(low), y, axis.x(high), y, "span", colour))
    for ratio, year, hollow in ((row.first, years[0], True), (row.last, years[1], False)):
        middle = ratio.get("p50")
        if middle:
            parts.append(dot(axis.x(middle), y, colour, hollow, f"{row.label}, {year}: {times(middle)}"))
    return parts
