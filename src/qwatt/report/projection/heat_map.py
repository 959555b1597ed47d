"""The heat map: how probable it is, by enhancement and year, to need less energy than the best classical."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qwatt.report.escaping import in_svg
from qwatt.report.projection.amounts import chance
from qwatt.report.projection.axes import CLASSES, WIDTH, YearAxis, chance_opacity, year_labels
from qwatt.report.svg import svg, text

ROW, GAP, LEFT, RIGHT = 20, 6, 280, WIDTH - 56


@dataclass(frozen=True)
class HeatRow:
    """One enhancement's probability of advantage by year; empty where there is no quantum method."""

    stage: str
    label: str
    chances: Mapping[int, float]


def heat_map(rows: Sequence[HeatRow]) -> str:
    """Draw a cell a year, rows grouped by stage under the stage's best; the last year stands at the right."""
    years = sorted({year for row in rows for year in row.chances})
    if not years:
        return ""
    axis = YearAxis(years[0], years[-1], LEFT, RIGHT)
    parts, y = year_labels(axis, 12), 18.0
    for stage, group in itertools.groupby(rows, key=lambda row: row.stage):
        mates = list(group)
        y += GAP
        parts += [text(0, y + 14, stage, css="stage"), *_row(_best(stage, mates), axis, y)]
        for row in mates:
            y += ROW
            parts += _row(row, axis, y)
        y += ROW
    parts += year_labels(axis, y + 14)
    return svg(WIDTH, y + 22, "Probability of an energy advantage by enhancement and year", parts)


def _best(stage: str, rows: Sequence[HeatRow]) -> HeatRow:
    """Return a stage's row: in every year the chance of its most probable enhancement."""
    years = {year for row in rows for year in row.chances}
    best = {year: max(row.chances.get(year, 0.0) for row in rows) for year in years}
    return HeatRow(stage, f"best of {stage}", best)


def _row(row: HeatRow, axis: YearAxis, y: float) -> list[str]:
    parts = [text(LEFT - 8, y + 14, shortened(row.label, 40), "end", "name")]
    if not row.chances:
        return [*parts, text(LEFT + 4, y + 14, "no quantum method is known", css="tick")]
    for year, p in sorted(row.chances.items()):
        tip = in_svg(f"{row.label}, {year}: {chance(p)}")
        x = axis.x(year) - axis.step / 2
        parts.append(
            f'<rect x="{x + 0.5:.1f}" y="{y + 1:.1f}" width="{axis.step - 1:.1f}" height="{ROW - 2}" '
            f'fill="var(--quantum)" fill-opacity="{chance_opacity(p)}"><title>{tip}</title></rect>'
        )
    return [*parts, text(RIGHT + 8, y + 14, chance(row.chances[max(row.chances)]), css="name")]


def shortened(words: str, most: int) -> str:
    """Return the words, cut at a space with an ellipsis where they are longer than `most` letters."""
    if len(words) <= most:
        return words
    return words[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:(") + "…"


def scale() -> str:
    """Draw the key of the colours."""
    parts, x = [], 0.0
    for _, opacity, words in CLASSES:
        parts += [
            f'<rect x="{x}" y="2" width="18" height="14" fill="var(--quantum)" fill-opacity="{opacity}"/>',
            text(x + 23, 14, words, css="tick"),
        ]
        x += 38 + 6.2 * len(words)
    return svg(WIDTH, 20, "Key: probability", parts)
