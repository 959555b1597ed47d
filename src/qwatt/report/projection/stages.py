"""The life-cycle part of the page: a line a stage and their picture, from the projection's record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.core.quantity import Quantity
from qwatt.report.layout import Layout
from qwatt.report.projection.amounts import percent, value_and_interval
from qwatt.report.projection.life_cycle import WIDE, StageBar, life_cycle_picture
from qwatt.report.projection.rows import Cell, StageRow

Record = Mapping[str, Any]


def stage_rows(stages: Sequence[Record], total: Record | None) -> list[StageRow]:
    """Return the table's lines, the sum last."""
    rows = [_row(stage["stage"], stage, stage["note"]) for stage in stages]
    return rows if total is None else [*rows, _row("whole life", total, "", whole=True)]


def stage_picture(stages: Sequence[Record], layout: Layout = WIDE) -> str:
    """Return the picture of the stages' facility energy."""
    return life_cycle_picture(
        [StageBar(stage["stage"], facility(stage), Quantity.from_record(stage["share"])) for stage in stages],
        layout,
    )


def facility(costs: Record) -> Quantity:
    """Return the facility energy of a stage, or of the whole."""
    return Quantity.from_record(costs["energy_kwh"]["facility"])


def recorded_stages(life: Record) -> list[str]:
    """Return the stages of a projection in which recorded energy stands in place of the calculated."""
    return [s["stage"] for s in life["stages"] if s["recorded"] is not None and s["recorded"]["used"]]


def _row(name: str, costs: Record, note: str, whole: bool = False) -> StageRow:
    return StageRow(
        stage=name,
        energy=cell(facility(costs)),
        share=(percent(1.0), "") if whole else share_cell(Quantity.from_record(costs["share"])),
        carbon=cell(Quantity.from_record(costs["co2e_kg"])),
        money=cell(Quantity.from_record(costs["usd"])),
        note=note,
        total=whole,
    )


def cell(quantity: Quantity) -> Cell:
    """Return value and interval, or "unknown" and the reason."""
    return value_and_interval(quantity)


def share_cell(quantity: Quantity) -> Cell:
    """Return a share in percent and its interval."""
    if not quantity.known:
        return "unknown", quantity.reason or ""
    low, value, high = (percent(end) for end in quantity.interval)
    return value, "" if low == high else f"{low} to {high}"
