"""What the page's script reads: the arithmetic, written down, and the numbers that it starts from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from qwatt.projection.whatif.duels import WORDS
from qwatt.projection.whatif.median import MedianFuture
from qwatt.report.projection.amounts import ladder
from qwatt.report.whatif.controls import CONTROLS
from qwatt.report.whatif.rows import NOTHING

UNITS = ("kWh", "kgCO2e", "USD")


def page_data(future: MedianFuture) -> dict[str, Any]:
    """Return everything that the script needs, as JSON."""
    first = {name: _short(column) for name, column in future.columns["history"].items()}
    other = {name: _short(column) for name, column in future.columns["vendor"].items()}
    return {
        "program": future.program().to_record(),
        "outputs": future.outputs(),
        "columns": {
            "history": first,
            "vendor": {name: column for name, column in other.items() if column != first[name]},
        },
        "years": [future.years[0], future.years[-1]],
        "own": asdict(future.own),
        "controls": {
            c.name: {"label": c.label, "unit": c.unit, "scale": c.scale, "low": c.low, "high": c.high}
            for c in CONTROLS
        },
        "words": list(WORDS),
        "nothing": NOTHING,
        "ladders": {unit: [list(step) for step in ladder(unit)] for unit in UNITS},
        "costs": {lever.id: lever.cost_kwh or 0.0 for lever in future.levers},
    }


def _short(column: Any) -> Any:
    """Return a column as one number where all years have the same."""
    values = [float(value) for value in column]
    return values[0] if len(set(values)) == 1 else values
