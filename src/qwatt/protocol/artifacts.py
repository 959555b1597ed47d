"""Artifacts chain: a task may take what an earlier task of the same study made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from statistics import median

from qwatt.core.energies import thriftiest
from qwatt.core.errors import QwattError
from qwatt.core.method import Kind
from qwatt.core.method_row import by_maker
from qwatt.core.registry import get_task
from qwatt.core.run_folder import RunFolder
from qwatt.core.telling import told
from qwatt.core.trial import Trial, TrialSpec


def _cannot_tell(trial: Trial, missing: str) -> bool:
    """Take no result of an earlier version's record for what the user asked for."""
    return False


def resolve_source(source: str, folder: RunFolder, specs: list[TrialSpec]) -> str:
    """Return the source itself, or for "@stage/task" the first artifact of that task's best method.

    Once a trial has used an artifact, the others of the run use the same, so that they stay comparable when
    a later seed makes another method the best.

    Raises:
        QwattError: the earlier task made no artifact.
    """
    if not source.startswith("@"):
        return source
    ids = {spec.id for spec in specs}
    trials = [t for t in folder.trials() if t.done and t.spec.id in ids]
    used = [t.artifact_source for t in trials if t.spec.source == source and t.artifact_source]
    if used:
        return str(folder.path / used[0])
    best = best_artifact(source[1:], of_first_entry(source[1:], trials, specs))
    if best is None:
        raise QwattError(
            f"{source[1:]} has made no artifact in this run",
            where=f"source {source!r}",
            mend="put the task before this one in the study, and see why its trials failed",
        )
    return str(folder.path / best)


def best_artifact(task_name: str, trials: list[Trial]) -> str | None:
    """Return the first artifact of the method with the best median quality, relative to the run folder.

    Args:
        task_name: the task.
        trials: finished trials of it.
    """
    best = best_trial(task_name, trials)
    return best.artifacts[0] if best is not None and best.artifacts else None


def artifact_folder(trial: Trial) -> str:
    """Return the folder of what a trial exported, relative to the run folder: artifacts/STAGE/TASK/NAME."""
    return "/".join(PurePosixPath(trial.artifacts[0]).parts[:4])


def of_first_entry(task_name: str, trials: list[Trial], specs: list[TrialSpec]) -> list[Trial]:
    """Return the trials of the first source, size and backend that a study gives a task."""

    def entry(spec: TrialSpec) -> tuple[str, ...]:
        return spec.task, spec.source, spec.size, spec.backend

    first = next((entry(spec) for spec in specs if spec.task == task_name), None)
    return [trial for trial in trials if entry(trial.spec) == first]


def best_trial(task_name: str, trials: list[Trial], met: bool = True) -> Trial | None:
    """Return the trial that made the artifact of the method of best median quality; of equals the thriftiest.

    Only methods that made one compete; where none did, all but the controls do.

    Args:
        task_name: the task.
        trials: finished trials of it.
        met: where some results are what the user asked for (`Task.meets`), only these compete.
    """
    return best_rival(task_name, by_maker(trials), met)


def best_rival(task_name: str, groups: Sequence[list[Trial]], met: bool) -> Trial | None:
    """Return what `best_trial` does, of trials that are grouped by maker."""
    task = get_task(task_name)
    made = [(next(t for t in reversed(own) if t.artifacts), own) for own in groups if _exported(own)]
    rivals = made or [(own[0], own) for own in groups if own[0].kind != Kind.CONTROL]
    if met:
        rivals = [rival for rival in rivals if told(task.meets, rival[0], _cannot_tell)] or rivals
    sign = 1.0 if task.higher_is_better else -1.0

    rivals.sort(key=lambda rival: rival[0].spec.method)
    numbered = {number: own for number, (_, own) in enumerate(rivals)}
    best = thriftiest(numbered, lambda own: median(sign * (t.quality or 0.0) for t in own))
    return None if best is None else rivals[best][0]


def _exported(trials: Sequence[Trial]) -> bool:
    return any(trial.artifacts for trial in trials)
