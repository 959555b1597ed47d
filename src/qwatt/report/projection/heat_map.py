"""The heat map: how probable it is, by enhancement and year, to need less energy than the best classical."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qwatt.report.escaping import in_svg
from qwatt.report.layout import Layout, wide
from qwatt.report.projection.amounts import chance
from qwatt.report.projection.axes import CLASSES, WIDTH, YearAxis, chance_opacity, year_labels
from qwatt.report.svg import svg, text

ROW, GAP = 20, 6
WIDE = wide(280, 56)


@dataclass(frozen=True)
class HeatRow:
    """One enhancement's probability of advantage by year; empty where there is no quantum method."""

    stage: str
    label: str
    chances: Mapping[int, float]


def heat_map(rows: Sequence[HeatRow], layout: Layout = WIDE) -> str:
    """Draw a cell a year, rows grouped by stage under the stage's best; the last year stands at the right."""
    years = sorted({year for row in rows for year in row.chances})
    if not years:
        return ""
    axis = YearAxis(years[0], years[-1], layout.left, layout.right)
    parts, y = year_labels(axis, 12), 18.0
    for stage, group in itertools.groupby(rows, key=lambda row: row.stage):
        mates = list(group)
        y += GAP
        if layout.above:
            parts.append(text(0, y + 14, stage, css="stage"))
            y += ROW
        else:
            parts.append(text(0, y + 14, stage, css="stage"))
        parts += _row(_best(stage, mates), axis, layout, y)
        for row in mates:
            y += layout.pitch(ROW)
            parts += _row(row, axis, layout, y)
        y += layout.pitch(ROW)
    parts += year_labels(axis, y + 14)
    return svg(layout.width, y + 22, "Probability of an energy advantage by enhancement and year", parts)


def _best(stage: str, rows: Sequence[HeatRow]) -> HeatRow:
    """Return a stage's row: in every year the chance of its most probable enhancement."""
    years = {year for row in rows for year in row.chances}
    best = {year: max(row.chances.get(year, 0.0) for row in rows) for year in years}
    return HeatRow(stage, f"best of {stage}", best)


def _row(row: HeatRow, axis: YearAxis, layout: Layout, top: float) -> list[str]:
    middle = layout.middle(top, ROW)
    y = middle - ROW / 2
    parts = [layout.name(middle, shortened(row.label, layout.letters))]
    if not row.chances:
        return [*parts, text(layout.left + 4, y + 14, "no quantum method is known", css="tick")]
    parts.append(layout.value(middle, chance(row.chances[max(row.chances)]), "name"))
    if layout.above:
        return [*parts, *_runs(row, axis, y)]
    return [*parts, *_cells(row, axis, y)]


def _cells(row: HeatRow, axis: YearAxis, y: float) -> list[str]:
    """Draw a cell a year; following years of one chance share what shows on hover, which says so."""
    parts = []
    years = [(year, chance(p), chance_opacity(p)) for year, p in sorted(row.chances.items())]
    for (words, opacity), group in itertools.groupby(years, key=lambda cell: cell[1:]):
        same = [year for year, _, _ in group]
        span = f"{same[0]}" if len(same) == 1 else f"{same[0]} to {same[-1]}"
        width, height = f"{axis.step - 1:.1f}", ROW - 2
        outline = "".join(
            f"M{axis.x(year) - axis.step / 2 + 0.5:.1f} {y + 1:g}h{width}v{height}h-{width}z" for year in same
        )
        tip = in_svg(f"{row.label}, {span}: {words}")
        parts.append(
            f'<path d="{outline}" fill="var(--quantum)" fill-opacity="{opacity}"><title>{tip}</title></path>'
        )
    return parts


def _runs(row: HeatRow, axis: YearAxis, y: float) -> list[str]:
    """Draw years of one colour as one cell: a phone has no pointer to ask for a single one."""
    parts = []
    years = [(year, chance_opacity(p)) for year, p in sorted(row.chances.items())]
    for opacity, group in itertools.groupby(years, key=lambda pair: pair[1]):
        same = [year for year, _ in group]
        x, width = axis.x(same[0]) - axis.step / 2, axis.step * len(same) - 1
        parts.append(
            f'<rect x="{x:.1f}" y="{y + 1:.1f}" width="{width:.1f}" height="{ROW - 2}" '
            f'fill="var(--quantum)" fill-opacity="{opacity}"/>'
        )
    return parts


def shortened(words: str, most: int) -> str:
    """Return the words, cut at a space with an ellipsis where they are longer than `most` letters."""
    if len(words) <= most:
        return words
    return words[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:(") + "…"


def scale(width: float = WIDTH) -> str:
    """Draw the key of the colours."""
    parts, x, y = [], 0.0, 0
    for _, opacity, words in CLASSES:
        if x + 38 + 6.2 * len(words) > width + 20:
            x, y = 0.0, y + 20
        parts += [
            f'<rect x="{x}" y="{y + 2}" width="18" height="14" fill="var(--quantum)" '
            f'fill-opacity="{opacity}"/>',
            text(x + 23, y + 14, words, css="tick"),
        ]
        x += 38 + 6.2 * len(words)
    return svg(width, y + 20, "Key: probability", parts)
