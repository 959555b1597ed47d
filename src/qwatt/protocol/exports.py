"""Who exports what: a method's first finished seed, under a name that no other method's artifact has."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from qwatt.core.durable import digest_of, sync
from qwatt.core.run_folder import RunFolder
from qwatt.core.trial import Maker, Trial, TrialSpec
from qwatt.protocol.artifacts import artifact_folder

PENDING = ".pending"


@dataclass
class Exports:
    """Names artifacts, and keeps of several seeds' exports the first; the same whoever works, in any order.

    Args:
        folder: the run's.
        taken: folders of recorded artifacts, relative to the run's.
        done: what has exported already.
        names: the artifact folders' names that were given in this call.
    """

    folder: RunFolder
    taken: set[str] = field(default_factory=set)
    done: set[Maker] = field(default_factory=set)
    names: dict[Maker, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: RunFolder, study_trials: Iterable[Trial]) -> Exports:
        """Begin with what a folder's records say; what a killed run left half-exported is removed."""
        cls(folder).clear()
        taken = {artifact_folder(t) for t in folder.trials() if t.artifacts}
        return cls(folder, taken, {t.spec.maker for t in study_trials if t.artifacts})

    def again(self, trial: Trial) -> None:
        """Have a lost artifact made anew, in the place where its record says that it is."""
        self.names[trial.spec.maker] = artifact_folder(trial).rpartition("/")[2]

    def wanted(self, spec: TrialSpec) -> Path | None:
        """Return where a trial is to export to for now, or None where its method has exported."""
        key = spec.maker
        if spec.shots is None or key in self.done:
            return None
        if key not in self.names:
            self.names[key] = self._free_name(spec)
        return self.folder.path / "artifacts" / PENDING / spec.id / self.names[key]

    def keep(self, trial: Trial) -> None:
        """Give a trial's export its place, or remove it where an earlier seed's has that place."""
        pending = self.folder.path / "artifacts" / PENDING / trial.spec.id
        key = trial.spec.maker
        if trial.artifacts and key not in self.done:
            name = self.names[key]
            target = self.folder.path / "artifacts" / trial.spec.task / name
            shutil.rmtree(target, ignore_errors=True)  # of a run that was killed before it was recorded
            target.parent.mkdir(parents=True, exist_ok=True)
            (pending / name).rename(target)
            sync(target)  # before the record that names it
            trial.artifact_digest = digest_of(target)
            trial.artifacts = [f"artifacts/{trial.spec.task}/{name}/{file}" for file in trial.artifacts]
            self.done.add(key)
        else:
            trial.artifacts = []
        shutil.rmtree(pending, ignore_errors=True)

    def clear(self) -> None:
        """Remove what nobody will keep any more."""
        shutil.rmtree(self.folder.path / "artifacts" / PENDING, ignore_errors=True)

    def _free_name(self, spec: TrialSpec) -> str:
        """Return METHOD, METHOD@2, ...: so a study may have a task twice, and nothing is overwritten."""
        given = {f"artifacts/{task}/{name}" for (task, *_), name in self.names.items()} | self.taken
        number, name = 1, spec.method
        while f"artifacts/{spec.task}/{name}" in given:
            number += 1
            name = f"{spec.method}@{number}"
        return name
