"""Energies of a group of trials: medians, what is a method's own, and the cheapest QPU."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TypeVar

from qwatt.core.quantity import Basis, Quantity
from qwatt.core.statistics import bootstrap_interval
from qwatt.core.trial import Trial

K = TypeVar("K")


def median_energy(energies: Sequence[Quantity | None]) -> Quantity | None:
    """Return the median over seeds (None if all are None), interval by bootstrap and basis."""
    present = [e for e in energies if e is not None]
    if not present:
        return None
    unknown = [e for e in present if e.value is None]
    if unknown:
        return unknown[0]
    low, value, high = zip(*[e.interval for e in present], strict=True)
    kinds: dict[tuple[int, int], Quantity] = {}
    for energy in present:
        kinds.setdefault((id(energy.basis), id(energy.boundary)), energy)  # a hash of an enum takes longer
    weakest = max(kinds.values(), key=lambda e: e.basis.strength)
    if len({e.boundary for e in kinds.values()}) > 1:
        return Quantity.unknown("the trials were measured at different boundaries", basis=weakest.basis)
    middle = median(value)
    return Quantity(
        middle,
        min(bootstrap_interval(low)[0], middle),
        max(bootstrap_interval(high)[2], middle),
        present[0].unit,
        weakest.basis,
        weakest.boundary,
        weakest.reason,
    )


def _median(energies: Sequence[Quantity]) -> Quantity:
    found = median_energy(energies)
    assert found is not None
    return found


def thriftiest(groups: Mapping[K, Sequence[Trial]], worth: Callable[[Sequence[Trial]], float]) -> K | None:
    """Return which group of trials is worth most; of equals that of least median joules, then the first."""
    worths = {key: worth(trials) for key, trials in groups.items()}
    best = [key for key, value in worths.items() if value == max(worths.values())]
    return max(best, key=lambda key: _thrift(groups[key])) if len(best) > 1 else next(iter(best), None)


def _thrift(trials: Sequence[Trial]) -> float:
    """Return minus the median joules, minus infinity if one is unknown."""
    joules = []
    for trial in trials:
        energy = trial.host_energy
        if energy is None or energy.value is None:
            return -math.inf
        joules.append(energy.to("J").interval[1])
    return -median(joules)


def own_energy(trial: Trial) -> Quantity | None:
    """Return a trial's host energy without the work that methods share; itself when they share none."""
    shared, energy = trial.shared_energy, trial.host_energy
    if shared is None or not shared.known or energy is None or not energy.known:
        return energy
    parts = sorted(a - b for a, b in zip(energy.interval, shared.to(energy.unit).interval, strict=True))
    lowest, middle, highest = (max(0.0, part) for part in parts)
    return Quantity(middle, lowest, highest, energy.unit, energy.basis, energy.boundary)


def qpu_energies(trials: Sequence[Trial]) -> dict[str, Quantity]:
    """Return by QPU what one trial of a method would take there; unknown, with the reason, where not priced.

    The median over seeds of the modelled energy with the measured classical remainder added. Every table,
    picture and export shows this value.
    """
    energies = {name: [_with_remainder(trial, name) for trial in trials] for name in trials[0].qpu}
    return {name: _median(each) for name, each in energies.items()}


def runs_on(trials: Sequence[Trial], qpu: str) -> bool:
    """Return whether a QPU can run every trial today."""
    return all(trial.qpu[qpu]["executable"] for trial in trials if qpu in trial.qpu)


def cheapest_qpu(
    energies: Mapping[str, Quantity], trials: Sequence[Trial], executable_only: bool
) -> tuple[str, Quantity] | None:
    """Return the QPU with the least of the trials' `qpu_energies`, or None where no energy is known."""
    known = {name: energy for name, energy in energies.items() if energy.known}
    able = [name for name in known if not executable_only or runs_on(trials, name)]
    best = min(able, key=lambda name: known[name].interval[1], default=None)
    return None if best is None else (best, known[best])


def _with_remainder(trial: Trial, qpu: str) -> Quantity:
    record = trial.qpu.get(qpu, {}).get("energy_j")
    rest = trial.classical_remainder
    if record is None or record["value"] is None:
        return Quantity.unknown((record or {}).get("reason") or "the trial was not priced on this QPU")
    if rest is None or not rest.known:
        return Quantity.unknown("the energy of the host's part is unknown")
    modelled = (record["low"], record["value"], record["high"])
    low, value, high = (a + b for a, b in zip(modelled, rest.to("J").interval, strict=True))
    note = "QPU at the facility boundary plus the host's part at the node boundary"
    return Quantity(value, low, high, "J", Basis.MODELLED, None, note)
