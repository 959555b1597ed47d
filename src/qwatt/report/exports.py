"""A comparison for other programs: JSON and CSV."""

from __future__ import annotations

from typing import Any

from qwatt.core.comparison import Comparison, to_record
from qwatt.core.json_text import json_text
from qwatt.core.method_row import MethodRow
from qwatt.core.run_folder import RunFolder
from qwatt.data.cells import to_csv

COLUMNS = (
    "task", "source", "size", "method", "kind", "shots", "seeds", "failed", "metric", "quality",
    "quality_low", "quality_high", "outcome", "more_seeds", "energy_j", "energy_low_j", "energy_high_j",
    "basis", "boundary", "own_j", "own_ratio", "ratio", "ratio_low", "ratio_high", "simulation_j", "qpu",
    "qpu_j", "qpu_low_j", "qpu_high_j", "on_front",
)  # fmt: skip


def write_exports(folder: RunFolder, comparisons: list[Comparison]) -> None:
    """Write comparison.json and comparison.csv."""
    records = [to_record(comparison) for comparison in comparisons]
    folder.write_text("comparison.json", json_text(records))
    folder.write_text("comparison.csv", to_csv(COLUMNS, comparison_rows(comparisons)))


def comparison_rows(comparisons: list[Comparison]) -> list[dict[str, Any]]:
    """Return a row a method, with the values of `COLUMNS`; what is unknown is None."""
    return [_flat(comparison, row) for comparison in comparisons for row in comparison.rows]


def _flat(comparison: Comparison, row: MethodRow) -> dict[str, Any]:
    quality = row.quality or (None, None, None)
    ratio = row.ratio or (None, None, None)
    energy, simulation = row.energy, row.simulation
    qpu_name, qpu = row.qpu or row.qpu_any or (None, None)
    return {
        "task": comparison.task,
        "source": comparison.source,
        "size": comparison.size,
        "method": row.method,
        "kind": row.kind,
        "shots": row.shots,
        "seeds": len(row.seeds),
        "failed": row.failed,
        "metric": comparison.metric,
        "quality": quality[1],
        "quality_low": quality[0],
        "quality_high": quality[2],
        "outcome": row.outcome,
        "more_seeds": row.judgement.more_seeds,
        "energy_j": energy and energy.value,
        "energy_low_j": energy and energy.low,
        "energy_high_j": energy and energy.high,
        "basis": energy and energy.basis.value,
        "boundary": energy and energy.boundary and energy.boundary.value,
        "own_j": row.own and row.own.value,
        "own_ratio": row.own_ratio and row.own_ratio[1],
        "ratio": ratio[1],
        "ratio_low": ratio[0],
        "ratio_high": ratio[2],
        "simulation_j": simulation and simulation.value,
        "qpu": qpu_name,
        "qpu_j": qpu and qpu.value,
        "qpu_low_j": qpu and qpu.low,
        "qpu_high_j": qpu and qpu.high,
        "on_front": row.on_front,
    }
