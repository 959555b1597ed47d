"""The energy that users recorded of their own work: for the terminal, the page and other programs."""

from __future__ import annotations

from typing import Any

from qwatt.core.energy_log import EnergyRows, StageTotal, read_energy, stage_totals
from qwatt.core.run_folder import RunFolder
from qwatt.core.stage_energy import StageEnergy
from qwatt.report.marks import basis_phrase
from qwatt.report.numbers import energy, scaled, short

COLUMNS = ("stage", "label", "energy", "interval", "basis", "time", "status", "counts")
TORN = "a line that a kill left unfinished was left out"


def recorded_record(found: EnergyRows) -> dict[str, Any]:
    """Return the JSON form: sums by stage, and every row."""
    return {
        "stages": [total.to_record() for total in stage_totals(found)],
        "rows": [row.to_record() for row in found.rows],
        "torn": found.torn,
    }


def print_recorded(folder: RunFolder) -> None:
    """Print a line a stretch, parts left out, the sum of every stage, and what must be said of it."""
    from qwatt.report.table import console, print_table

    found = read_energy(folder.path)
    if not found.rows:
        return
    lines = [cells(row) for row in found.whole]
    print_table("Recorded energy", COLUMNS, lines, drop=("interval", "counts"), whole=("energy", "basis"))
    for line in sentences(found):
        console().print(line)


def sentences(found: EnergyRows) -> list[str]:
    """Return every stage's sum with its boundary and remarks, and what was left out."""
    return [_sentence(total) for total in stage_totals(found)] + ([TORN] if found.torn else [])


def cells(row: StageEnergy) -> tuple[str, ...]:
    """Return a row's cells, one for each of `COLUMNS`."""
    joules = row.energy.to("J")
    low, high = joules.low or 0.0, joules.high or 0.0
    interval = f"{scaled(low, 'J')} to {scaled(high, 'J')}" if low != high else ""
    counts = ", ".join(f"{name} {short(number)}" for name, number in row.counts.items())
    status = f"{row.status}: {row.error}" if row.error else row.status
    written = (
        energy(joules, interval=False),
        interval,
        basis_phrase(joules.basis.value),
        scaled(row.seconds, "s"),
    )
    return (row.stage, row.label, *written, status, counts)


def _sentence(total: StageTotal) -> str:
    boundary = f", boundary {total.energy.boundary}" if total.energy.known else ""
    stretches = "a stretch" if len(total.rows) == 1 else f"{len(total.rows)} stretches"
    said = f"{total.stage}: {energy(total.energy)}{boundary}, {stretches}"
    return "; ".join([said, *total.remarks])
