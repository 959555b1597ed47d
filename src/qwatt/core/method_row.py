"""One method in a comparison: its finished trials summed up over seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from operator import is_
from typing import Any

from qwatt.core.energies import cheapest_qpu, median_energy, own_energy, qpu_energies
from qwatt.core.fixed import Fixed
from qwatt.core.judgement import NOTHING, Judgement, Outcome
from qwatt.core.quantity import Quantity
from qwatt.core.statistics import bootstrap_interval
from qwatt.core.trial import Maker, Trial


@dataclass
class MethodRow:
    """One method in a comparison.

    Args:
        method: its name.
        kind: its kind.
        shots: shots per circuit; None for the labelled exact rows.
        fixed: settings that the user fixed.
        seeds: seeds that finished.
        failed: trials that failed.
        quality: (low, median, high) over seeds, bootstrap 95 %.
        best_quality: best over seeds.
        energy: host energy of one trial, ring (iii).
        own: the same without work that methods share, such as embedding the text once for all.
        simulation: the part of it that simulated circuits, or None.
        qpu: (QPU id, energy with the measured classical remainder) of the cheapest QPU that can run it.
        qpu_any: the same over all QPUs that are priced, whether they can run it or not.
        judgement: whether its quality is worse than the reference's, and what that rests on.
        ets: energy-to-solution; None unless it is the reference or not worse.
        ratio: (low, median, high) of ETS over the reference's.
        own_ratio: the same ratio without shared work; None when the method shares none.
        p_target: (low, share, high) of seeds within the margin, Wilson.
        on_front: whether it lies on the Pareto front of quality against energy.
    """

    method: str
    kind: str
    shots: int | None
    fixed: Fixed
    seeds: list[int]
    failed: int
    quality: tuple[float, float, float] | None = None
    best_quality: float | None = None
    energy: Quantity | None = None
    own: Quantity | None = None
    simulation: Quantity | None = None
    qpu: tuple[str, Quantity] | None = None
    qpu_any: tuple[str, Quantity] | None = None
    judgement: Judgement = NOTHING
    ets: Quantity | None = None
    ratio: tuple[float, float, float] | None = None
    own_ratio: tuple[float, float, float] | None = None
    p_target: tuple[float, float, float] | None = None
    on_front: bool = False
    trials: list[Trial] = field(default_factory=list, repr=False)

    @property
    def label(self) -> str:
        """The method's name, with "exact" where expectation values were, and with what the user fixed."""
        exact = ["exact"] if self.shots is None and self.kind == "quantum" else []
        facts = exact + [f"{name}={value}" for name, value in self.fixed]
        return f"{self.method} ({', '.join(facts)})" if facts else self.method

    @cached_property
    def qpu_energies(self) -> dict[str, Quantity]:
        """By QPU what one finished trial would take there."""
        return qpu_energies(self.trials)

    @cached_property
    def by_maker(self) -> list[list[Trial]]:
        """Its trials, those of another number of tuning trials apart."""
        return by_maker(self.trials)

    @property
    def outcome(self) -> Outcome:
        """Whether its quality is worse than the reference's."""
        return self.judgement.outcome

    def to_record(self) -> dict[str, Any]:
        """Return the row as JSON, with what its judgement says beside the rest."""
        record: dict[str, Any] = {"label": self.label}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if name == "trials":
                continue
            if name == "judgement":
                record |= asdict(value)
                continue
            if name == "fixed":
                value = dict(value)
            if isinstance(value, Quantity):
                value = value.to_record()
            elif name in ("qpu", "qpu_any") and value is not None:
                value = {"id": value[0], "energy": value[1].to_record()}
            record[name] = value
        return record


def by_maker(trials: Iterable[Trial]) -> list[list[Trial]]:
    """Return the trials of each method on a source with what is fixed, at all seeds."""
    groups: dict[Maker, list[Trial]] = defaultdict(list)
    for trial in trials:
        groups[trial.spec.maker].append(trial)
    return list(groups.values())


def grouped(trials: Sequence[Trial]) -> list[MethodRow]:
    """Return a row for every method, number of shots and fixed settings; shots only matter to circuits."""
    groups: dict[tuple[str, int | None, Fixed], list[Trial]] = defaultdict(list)
    for trial in trials:
        shots = trial.spec.shots if trial.kind == "quantum" else 0
        groups[trial.spec.method, shots, trial.spec.fixed].append(trial)
    return [_row(group) for group in groups.values()]


def _row(group: list[Trial]) -> MethodRow:
    done = [t for t in group if t.quality is not None and t.done]
    seeds = sorted([t.spec.seed for t in done])
    spec, failed = group[0].spec, len(group) - len(done)
    return MethodRow(spec.method, group[0].kind, spec.shots, spec.fixed, seeds, failed, trials=done)


def sum_up(row: MethodRow) -> None:
    """Fill in a row's quality and energies over its seeds, of which there is at least one."""
    row.quality = bootstrap_interval([quality_of(t) for t in row.trials])
    energies, own = [t.host_energy for t in row.trials], [own_energy(t) for t in row.trials]
    row.energy = median_energy(energies)
    row.own = row.energy if all(map(is_, energies, own)) else median_energy(own)
    row.simulation = median_energy([t.simulation_energy for t in row.trials])
    row.qpu = cheapest_qpu(row.qpu_energies, row.trials, executable_only=True)
    row.qpu_any = cheapest_qpu(row.qpu_energies, row.trials, executable_only=False)


def quality_of(trial: Trial) -> float:
    """Return a finished trial's quality."""
    assert trial.quality is not None
    return trial.quality
