"""The ratio of joules of every method in two runs, on a logarithmic axis around 1."""

from __future__ import annotations

from collections.abc import Sequence

from qwatt.report.svg import COLOURS, LogAxis, dot, line, log_grid, svg, text
from qwatt.report.two_runs.methods import MethodPair

WIDTH, LEFT, ROW, TOP = 780, 300, 26, 14


def ratios_picture(pairs: Sequence[MethodPair]) -> str:
    """Draw second over first joules with its 95 % interval over seeds; empty without any ratio."""
    shown = [(pair, pair.ratio) for pair in pairs if pair.ratio is not None]
    if not shown:
        return ""
    axis = LogAxis.over([end for _, ratio in shown for end in (*ratio, 1.0)], LEFT, WIDTH - 40)
    bottom = TOP + ROW * len(shown)
    parts = log_grid(axis, TOP, bottom, WIDTH, lambda ratio: f"{ratio:g} x")
    parts.append(line(axis.x(1.0), TOP, axis.x(1.0), bottom, "bar", "#1b1f24"))
    for index, (pair, (low, value, high)) in enumerate(shown):
        y, colour = TOP + ROW * (index + 0.5), COLOURS[pair.kind]
        parts.append(text(LEFT - 10, y + 4, f"{pair.task} {pair.method}", "end", "name"))
        parts.append(line(axis.x(low), y, axis.x(high), y, "bar", colour))
        parts.append(dot(axis.x(value), y, colour, title=f"{value:.3g} times the joules"))
    return svg(WIDTH, bottom + 30, "Joules of the second run over the first's", parts)
