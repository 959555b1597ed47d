"""The pictures of a comparison: quality against joules, three energies, where the joules went."""

from __future__ import annotations

from qwatt.core.comparison import Comparison
from qwatt.core.method_row import MethodRow
from qwatt.core.quantity import Quantity
from qwatt.report.escaping import in_svg
from qwatt.report.layout import Layout, wide
from qwatt.report.machines import on_every_qpu
from qwatt.report.numbers import energy, powers, scaled
from qwatt.report.svg import COLOURS, LinearAxis, LogAxis, dot, line, log_grid, svg, text

WIDTH = 780
RIGHT = WIDTH - 190
LINE = 17
THREE = wide(250, 50, width=WIDTH)
WHERE = wide(190, 100, width=WIDTH)
TINTS = (0.9, 0.3, 0.65, 0.15, 0.5, 0.8, 0.22, 0.4, 0.08)
"""Phases of a trial are told apart by tints of the ink: colours are for kinds of methods."""


def quality_against_energy(comparison: Comparison, phone: bool = False) -> str:
    """Every method's quality (95 % interval over seeds) against its measured joules (log axis, interval).

    On a page names stand beside the plot; on a phone points are numbered, and the names stand below.
    """
    rows = [r for r in comparison.rows if r.quality and r.energy is not None and r.energy.known]
    if not rows:
        return ""
    left, right, width = (44, 350, 358) if phone else (70, RIGHT, WIDTH)
    bottom = 280 if phone else 330
    height = bottom + 50 + (LINE * len(rows) if phone else 0)
    spread = [v for r in rows for v in _interval(r.energy)]
    x = LogAxis.over(spread, left, right)
    y = LinearAxis.over([v for r in rows if r.quality for v in r.quality], bottom, 20)
    parts = log_grid(x, 20, bottom, width, _joules)
    for tick in y.ticks():
        parts += [line(left, y.y(tick), right, y.y(tick), "grid")]
        parts += [text(left - 6, y.y(tick) + 4, f"{tick:.3g}", "end", "tick")]
    parts += [text(0 if phone else left, 12, comparison.metric.replace("_", " "), "start", "axis")]
    parts += [text(right, bottom + 36, "energy of one trial on this machine, tuning included", "end", "axis")]
    parts += _front(rows, x, y)
    if phone:
        parts += _numbered(rows, x, y, bottom + 56)
    else:
        labels = _spread_labels([(y.y(r.quality[1]), r) for r in rows if r.quality])
        for row in rows:
            parts += [*_point(row, x, y), *_label(row, x, y, labels[row.label])]
    return svg(width, height, f"{comparison.task}: quality against energy", parts)


def _joules(value: float) -> str:
    return scaled(value, "J")


def _interval(quantity: Quantity | None) -> tuple[float, float, float]:
    assert quantity is not None
    return quantity.to("J").interval


def _point(row: MethodRow, x: LogAxis, y: LinearAxis) -> list[str]:
    assert row.quality is not None
    low, value, high = _interval(row.energy)
    colour = COLOURS[row.kind]
    px, py = x.x(value), y.y(row.quality[1])
    title = f"{row.label}: {row.quality[1]:.4f}, {energy(row.energy)}"
    return [
        line(x.x(low), py, x.x(high), py, "bar", colour),
        line(px, y.y(row.quality[0]), px, y.y(row.quality[2]), "bar", colour),
        dot(px, py, colour, hollow=row.shots is None and row.kind == "quantum", title=title),
    ]


def _label(row: MethodRow, x: LogAxis, y: LinearAxis, label_y: float) -> list[str]:
    """Return a method's name beside the plot, with a leader to its point."""
    assert row.quality is not None
    px, py = x.x(_interval(row.energy)[1]), y.y(row.quality[1])
    name = text(RIGHT + 8, label_y, row.label, css="name")
    return [
        line(px, py, RIGHT + 4, label_y - 4, "leader"),
        f'<g fill="{COLOURS[row.kind]}">{name}</g>',
    ]


def _numbered(rows: list[MethodRow], x: LogAxis, y: LinearAxis, top: float) -> list[str]:
    """Return numbered points, and below the plot the numbers with names and values."""
    parts = []
    for number, row in enumerate(rows, 1):
        assert row.quality is not None
        px, py = x.x(_interval(row.energy)[1]), y.y(row.quality[1])
        words = f"{number}  {row.label}: {row.quality[1]:.3f}, {energy(row.energy, interval=False)}"
        below = text(0, top + LINE * (number - 1), words, css="name")
        parts += [
            *_point(row, x, y),
            text(px + 6, py - 6, str(number), css="tick"),
            f'<g fill="{COLOURS[row.kind]}">{below}</g>',
        ]
    return parts


def _spread_labels(wanted: list[tuple[float, MethodRow]], gap: float = 15) -> dict[str, float]:
    """Place labels in order of height, at least `gap` pixels apart and inside the picture."""
    placed: dict[str, float] = {}
    ordered = sorted(wanted, key=lambda item: item[0])
    top = 24.0
    room = 330 - gap * len(ordered)
    for index, (height, row) in enumerate(ordered):
        top = max(top, min(height + 4, room + gap * (index + 1)))
        placed[row.label] = top
        top += gap
    return placed


def _front(rows: list[MethodRow], x: LogAxis, y: LinearAxis) -> list[str]:
    front = sorted((r for r in rows if r.on_front), key=lambda r: _interval(r.energy)[1])
    points = " ".join(
        f"{x.x(_interval(r.energy)[1]):.1f},{y.y(r.quality[1]):.1f}" for r in front if r.quality
    )
    return [f'<polyline class="front" points="{points}"/>'] if len(front) > 1 else []


def three_energies(comparison: Comparison, layout: Layout = THREE) -> str:
    """Best classical, simulating the circuits, and every QPU's model, side by side on one log axis."""
    rows = [r for r in comparison.rows if r.trials and r.trials[0].qpu]
    if not rows or comparison.reference is None:
        return ""
    reference = comparison.row(comparison.reference)
    lanes: list[tuple[str, list[tuple[Quantity, str, bool, str]]]] = [
        (f"best classical: {reference.label}", _lane(reference.energy, COLOURS["classical"], "measured here"))
    ]
    for row in rows:
        simulated = _lane(row.simulation, "var(--control)", "simulating the circuits on this machine")
        lanes.append((f"{row.label}: simulated", simulated))
        lanes.append((f"{row.label}: on a QPU", _qpu_lane(row)))
    values = [v for _, lane in lanes for q, *_ in lane for v in q.to("J").interval]
    height = 40 + layout.pitch(30) * len(lanes) + 40
    x = LogAxis.over(values, layout.left, layout.right)
    parts = log_grid(x, 20, height - 50, layout.width, _joules)
    for index, (name, lane) in enumerate(lanes):
        y = layout.middle(25 + layout.pitch(30) * index, 30)
        parts.append(layout.name(y, name))
        for quantity, colour, hollow, title in lane:
            low, value, high = quantity.to("J").interval
            parts += [line(x.x(low), y, x.x(high), y, "thin" if len(lane) > 1 else "bar", colour)]
            parts += [dot(x.x(value), y, colour, hollow, title)]
    return svg(layout.width, height, f"{comparison.task}: three energies", parts)


def _lane(quantity: Quantity | None, colour: str, what: str) -> list[tuple[Quantity, str, bool, str]]:
    if quantity is None or not quantity.known:
        return []
    return [(quantity, colour, False, f"{what}: {energy(quantity)}")]


def _qpu_lane(row: MethodRow) -> list[tuple[Quantity, str, bool, str]]:
    lane = []
    for machine in on_every_qpu(row):
        if machine.energy.known:
            why = "" if machine.runs else f"; not executable: {powers(machine.why)}"
            title = f"{machine.method} on {machine.qpu}: {energy(machine.energy)}{why}"
            lane.append((machine.energy, COLOURS[row.kind], not machine.runs, title))
    return sorted(lane, key=lambda point: not point[2])  # a full point lies above hollow ones of its energy


def where_the_joules_went(comparison: Comparison, layout: Layout = WHERE) -> str:
    """Shares of the phases in the first seed's energy, one bar a method, and the median energy of a trial."""
    rows = [r for r in comparison.rows if r.trials]
    if not rows:
        return ""
    names = list(dict.fromkeys(name for r in rows for name in r.trials[0].phases))
    tint = {name: TINTS[i % len(TINTS)] for i, name in enumerate(names)}
    start, pitch = layout.left if not layout.above else 0.0, layout.pitch(30)
    per_row = max(1, int((layout.width - start) // 118))
    height = pitch * len(rows) + 24 + 20 * -(-len(names) // per_row)
    parts = []
    for index, row in enumerate(rows):
        y = layout.middle(8 + pitch * index, 20)
        parts += [layout.name(y, row.label), *_stack(row, layout, y, tint)]
    for index, name in enumerate(names):
        x, y = start + 118 * (index % per_row), pitch * len(rows) + 18 + 20 * (index // per_row)
        parts.append(f'<rect x="{x}" y="{y}" width="11" height="11" {_ink(tint[name])}/>')
        parts.append(text(x + 16, y + 10, name, css="tick"))
    return svg(layout.width, height, f"{comparison.task}: energy by phase", parts)


def _ink(opacity: float) -> str:
    return f'fill="var(--ink)" fill-opacity="{opacity}"'


def _stack(row: MethodRow, layout: Layout, y: float, tint: dict[str, float]) -> list[str]:
    shares = {
        name: phase.energy.to("J").value or 0.0
        for name, phase in row.trials[0].phases.items()
        if phase.energy.value
    }
    whole = sum(shares.values())
    known = row.energy is not None and row.energy.known
    label = energy(row.energy, interval=False) if whole and known else ""
    parts, x = [], layout.left
    for name, joules in shares.items():
        width = joules / whole * (layout.right - layout.left)
        parts.append(
            f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="{max(width, 0.3):.1f}" height="20" '
            f"{_ink(tint[name])}>"
            f"<title>{in_svg(name)}: {joules / whole:.0%} of the first seed's energy</title></rect>"
        )
        x += width
    return [*parts, layout.value(y, label)]
