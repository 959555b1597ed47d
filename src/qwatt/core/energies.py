"""Energies of a group of trials: medians, what is a method's own, and the cheapest QPU."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from qwatt.core.quantity import Basis, Quantity
from qwatt.core.statistics import bootstrap_interval
from qwatt.core.trial import Trial


def median_energy(energies: Sequence[Quantity | None]) -> Quantity | None:
    """Return the median over seeds (None if all are None), interval by bootstrap and basis."""
    present = [e for e in energies if e is not None]
    if not present:
        return None
    unknown = [e for e in present if not e.known]
    if unknown:
        return unknown[0]
    low, value, high = zip(*(e.interval for e in present), strict=True)
    weakest = max(present, key=lambda e: e.basis.strength)
    if len({e.boundary for e in present}) > 1:
        return Quantity.unknown("the trials were measured at different boundaries", basis=weakest.basis)
    return Quantity(
        median(value),
        min(bootstrap_interval(low)[0], median(value)),
        max(bootstrap_interval(high)[2], median(value)),
        present[0].unit,
        weakest.basis,
        weakest.boundary,
        weakest.reason,
    )


def own_energy(trial: Trial) -> Quantity | None:
    """Return a trial's host energy without the work that methods share; itself when they share none."""
    shared, energy = trial.shared_energy, trial.host_energy
    if shared is None or not shared.known or energy is None or not energy.known:
        return energy
    parts = sorted(a - b for a, b in zip(energy.interval, shared.to(energy.unit).interval, strict=True))
    lowest, middle, highest = (max(0.0, part) for part in parts)
    return Quantity(middle, lowest, highest, energy.unit, energy.basis, energy.boundary)


def cheapest_qpu(trials: list[Trial], executable_only: bool) -> tuple[str, Quantity] | None:
    """Return the QPU with the least modelled energy for the demand, with the classical remainder added."""
    costs = {}
    for name in trials[0].qpu:
        records = [t.qpu[name] for t in trials if name in t.qpu]
        if executable_only and not all(r["executable"] for r in records):
            continue
        energies = [_with_remainder(t, name) for t in trials]
        if all(e is not None for e in energies):
            costs[name] = median_energy(energies)
    known = {name: cost for name, cost in costs.items() if cost is not None}
    if not known:
        return None
    best = min(known, key=lambda name: known[name].interval[1])
    return best, known[best]


def _with_remainder(trial: Trial, qpu: str) -> Quantity | None:
    record = trial.qpu.get(qpu, {}).get("energy_j")
    rest = trial.classical_remainder
    if record is None or record["value"] is None or rest is None or not rest.known:
        return None
    modelled = (record["low"], record["value"], record["high"])
    low, value, high = (a + b for a, b in zip(modelled, rest.to("J").interval, strict=True))
    note = "QPU at the facility boundary plus the host's part at the node boundary"
    return Quantity(value, low, high, "J", Basis.MODELLED, None, note)
