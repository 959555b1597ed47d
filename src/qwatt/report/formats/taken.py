"""What a run took, piece by piece: recorded stages of the user's own work, else the trials of its tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qwatt.core.energy_log import read_energy, stage_totals
from qwatt.core.headline import counted
from qwatt.core.quantity import Quantity, total
from qwatt.core.run_folder import RunFolder
from qwatt.core.stage_energy import StageEnergy
from qwatt.core.trial import Trial

SERVICE = ("deployment", "monitoring")
"""Stages of a model in use; all others make it."""


@dataclass(frozen=True)
class Taken:
    """One piece of work.

    Args:
        stage: of the model's life.
        what: it was, in words.
        energies: joules, one sum for each boundary that was measured.
        seconds: wall time, added.
        remarks: what must be said of it.
        rows: the recorded stretches; empty for trials.
        trials: the trials; empty for recorded work.
    """

    stage: str
    what: str
    energies: Sequence[Quantity]
    seconds: float
    remarks: Sequence[str] = ()
    rows: Sequence[StageEnergy] = ()
    trials: Sequence[Trial] = ()
    counts: Mapping[str, float] = field(default_factory=dict)

    @property
    def making(self) -> bool:
        """Whether it made the model, rather than served it."""
        return self.stage not in SERVICE

    @property
    def energy(self) -> Quantity:
        """The sum, unknown with the reason where boundaries differ."""
        return together(self.energies)


def taken_by(folder: RunFolder) -> list[Taken]:
    """Return what was recorded, stage by stage; where nothing was, what the trials took, task by task.

    Trials beside recorded work are in no sum, as they may have run inside it; the first piece says so.
    """
    totals, trials = stage_totals(read_energy(folder.path)), folder.trials()
    if totals:
        pieces = [
            Taken(t.stage, _labels(t.rows), t.energies, t.seconds, t.remarks, t.rows, counts=_counts(t.rows))
            for t in totals
        ]
        if trials:
            left_out = (
                f"{counted(len(trials), 'trial')} in this run folder, beside the recorded work: not contained"
            )
            pieces[0] = replace(pieces[0], remarks=[*pieces[0].remarks, left_out])
        return pieces
    by_task: dict[str, list[Trial]] = {}
    for trial in trials:
        by_task.setdefault(trial.spec.task, []).append(trial)
    return [_of_trials(task, trials) for task, trials in by_task.items()]


def together(energies: Sequence[Quantity]) -> Quantity:
    """Return the sum of energies of one boundary in joules, else an unknown one with the reason."""
    if not energies:
        return Quantity.unknown("nothing was measured")
    if len({energy.boundary for energy in energies}) == 1:
        return total(energy.to("J") for energy in energies)
    parts = ", ".join(f"{energy} at the {energy.boundary}" for energy in energies)
    return Quantity.unknown(f"measured at different boundaries, which are not added: {parts}")


def hardware(folder: RunFolder, pieces: Sequence[Taken]) -> str:
    """Return what the work ran on: recorded accelerators, and the machines' processors."""
    chips = [
        str(row.facts["accelerators"]) for t in pieces for row in t.rows if row.facts.get("accelerators")
    ]
    machines = [facts for facts in folder.environments().values() if isinstance(facts, dict)]
    hosts = [f"{facts.get('cores')} cores of {facts.get('cpu')}" for facts in machines]
    return "; ".join(dict.fromkeys(chips + hosts)) or "unknown"


def _of_trials(task: str, trials: Sequence[Trial]) -> Taken:
    known = [trial.host_energy.to("J") for trial in trials if trial.host_energy is not None]
    boundaries = list(dict.fromkeys(energy.boundary for energy in known))
    energies = [total(energy for energy in known if energy.boundary is one) for one in boundaries]
    failed = sum(not trial.done for trial in trials)
    remarks = [f"the energy of {failed} failed trials was not kept"] if failed else []
    remarks += _shared(trials)
    what = f"{len(trials)} trials of {task}, tuning included"
    stage, seconds = task.partition("/")[0], sum(trial.seconds for trial in trials)
    return Taken(stage, what, energies, seconds, remarks, trials=trials)


def _labels(rows: Sequence[StageEnergy]) -> str:
    labels = dict.fromkeys(row.label for row in rows if row.label)
    return ", ".join(labels) or "recorded work"


def _counts(rows: Sequence[StageEnergy]) -> dict[str, float]:
    """Return what every stretch counted, added; a unit that one did not count is left out."""
    units = set.intersection(*(set(row.counts) for row in rows))
    return {unit: sum(row.counts[unit] for row in rows) for unit in sorted(units)}


def _shared(trials: Sequence[Trial]) -> list[str]:
    """Say that a sum of trials holds shared work, such as embeddings, as often as it was used."""
    shared = [t.shared_energy.to("J") for t in trials if t.shared_energy is not None]
    if len({energy.boundary for energy in shared}) != 1:
        return []
    return [
        f"contains {total(shared)} of work that methods share, charged to each also where it was done once"
    ]
