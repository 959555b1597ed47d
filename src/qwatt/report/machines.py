"""What every catalogued QPU would need for one trial of a method: one value for tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from qwatt.core.comparison import Comparison
from qwatt.core.energies import runs_on
from qwatt.core.method_row import MethodRow
from qwatt.core.quantity import Quantity
from qwatt.core.trial import Trial

Record = Mapping[str, float | None]
"""Value, low and high of a modelled number; medians over seeds, None where unknown."""


@dataclass(frozen=True)
class MethodOnQpu:
    """One method on one QPU.

    Args:
        method: its label.
        qpu: catalogue id.
        runs: whether the QPU can run it today.
        why: why not.
        energy: of one trial, the measured classical remainder contained.
        seconds, usd, fidelity: of the circuits alone.
    """

    method: str
    qpu: str
    runs: bool
    why: str
    energy: Quantity
    seconds: Record
    usd: Record
    fidelity: Record


def on_every_qpu(row: MethodRow) -> list[MethodOnQpu]:
    """Return a method on every QPU, those that can run it first, then by energy."""
    if not row.trials:
        return []
    if _LAST.get(id(row), (None,))[0] is not row:
        if len(_LAST) >= _KEPT:
            _LAST.clear()
        found = [_on(row, qpu, energy) for qpu, energy in row.qpu_energies.items()]
        _LAST[id(row)] = row, sorted(found, key=_order)
    return list(_LAST[id(row)][1])


_KEPT = 200
_LAST: dict[int, tuple[MethodRow, list[MethodOnQpu]]] = {}
"""What was made of rows lately: tables and pictures of a page ask for the same."""


def _order(machine: MethodOnQpu) -> tuple[bool, float]:
    return not machine.runs, machine.energy.interval[1] if machine.energy.known else float("inf")


def all_on_qpus(comparison: Comparison) -> list[MethodOnQpu]:
    """Return every quantum and inspired method of a comparison on every QPU."""
    judged = [row for row in comparison.rows if row.kind in ("quantum", "inspired")]
    return [machine for row in judged for machine in on_every_qpu(row)]


def _on(row: MethodRow, qpu: str, energy: Quantity) -> MethodOnQpu:
    whys = [trial.qpu[qpu]["why"] for trial in row.trials if qpu in trial.qpu]
    numbers = (_median(row.trials, qpu, name) for name in ("seconds", "usd", "fidelity"))
    why = next((text for text in whys if text), "")
    return MethodOnQpu(row.label, qpu, runs_on(row.trials, qpu), why, energy, *numbers)


def _median(trials: list[Trial], qpu: str, name: str) -> Record:
    records = [_ends(trial.qpu[qpu][name]) for trial in trials if qpu in trial.qpu]
    columns = {end: [record[end] for record in records] for end in ("value", "low", "high")}
    if any(value is None for value in columns["value"]):
        return dict.fromkeys(columns)
    known = {end: [x for x in column if x is not None] for end, column in columns.items()}
    return {end: median(column) if column else None for end, column in known.items()}


def _ends(number: Mapping[str, Any] | float | None) -> Record:
    if isinstance(number, Mapping):
        return {end: number.get(end) for end in ("value", "low", "high")}
    return dict.fromkeys(("value", "low", "high"), number)
