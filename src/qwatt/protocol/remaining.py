"""What a run folder lacks of a study: given to an executor, and recorded as it ends."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

from qwatt.core.errors import QwattError
from qwatt.core.executors import ATTEMPTS, Executor, Lost
from qwatt.core.registry import get_method, get_task
from qwatt.core.run_folder import RunFolder
from qwatt.core.study import Study
from qwatt.core.trial import Maker, Trial, TrialSpec
from qwatt.protocol.artifacts import resolve_source
from qwatt.protocol.billing import Book
from qwatt.protocol.execute import failed_trial
from qwatt.protocol.exports import Exports
from qwatt.protocol.further import batches
from qwatt.protocol.kept import Kept
from qwatt.protocol.worker import Job, Listener, Outcome


class Remaining:
    """The trials of a study that a folder holds not yet, or only as failed.

    Args:
        study: the study.
        folder: where records go.
        listener: is told of progress.
        book: where remote jobs are written down, or None where none are submitted.

    Attributes:
        notes: which trials ran again though they were done, and why.
    """

    def __init__(self, study: Study, folder: RunFolder, listener: Listener, book: Book | None = None) -> None:
        self._book = book
        self._study, self._folder, self._listener = study, folder, listener
        self._certain, self._possible = study.certain_ids, study.possible_trials()
        self._ended = study.of_these(folder.by_id())
        self._environments = {"", *folder.environments()}
        self._kept = Kept(folder)
        self.notes: list[str] = []
        lost = self._kept.lost(self._ended.values())
        for trial in lost:
            del self._ended[trial.spec.id]
            self.notes.append(f"{_words(trial)} ran again, as what it had made was deleted")
        self._exports = Exports.of(folder, self._ended.values())
        for trial in lost:
            self._exports.again(trial)

    def run(self, executor: Executor, do: Callable[[Job], Outcome]) -> int:
        """Run what is missing, and return how many trials were not.

        Args:
            executor: applies `do`.
            do: does a trial.
        """
        met: set[str] = set()
        skipped = 0
        for batch in batches(self._study, self._ended):
            new = [spec for spec in batch if spec.id not in met]
            met |= {spec.id for spec in new}
            for trial in self._kept.stale(self._ended[s.id] for s in new if s.id in self._ended):
                del self._ended[trial.spec.id]
                self.notes.append(
                    f"{_words(trial)} ran again, as {trial.spec.source[1:]} made other data anew"
                )
            todo = [s for s in new if (ended := self._ended.get(s.id)) is None or not ended.done]
            skipped += len(new) - len(todo)
            for spec in todo:
                if spec.id not in self._certain:
                    self._listener("further", spec, None)
            self._run(todo, executor, do)
        self._exports.clear()
        return skipped

    def _run(self, todo: list[TrialSpec], executor: Executor, do: Callable[[Job], Outcome]) -> None:
        """Run trials of one task; a method's are recorded in the order of seeds, as the first one exports."""
        begun: dict[Maker, deque[Job]] = defaultdict(deque)
        ended: dict[str, Outcome] = {}
        for job, result in executor.map(do, self._jobs(todo, begun, executor.spreads)):
            ended[job.spec.id] = _lost(job.spec, result.why) if isinstance(result, Lost) else result
            queue = begun[job.spec.maker]
            while queue and queue[0].spec.id in ended:
                first = queue.popleft()
                self._record(first, ended.pop(first.spec.id))

    def _jobs(self, todo: list[TrialSpec], begun: dict[Maker, deque[Job]], spreads: bool) -> Iterator[Job]:
        for _, group in groupby(todo, key=lambda spec: spec.problem_key):
            problem = tuple(group)
            source = resolve_source(problem[0].source, self._folder, self._possible)
            if source != problem[0].source:
                self._kept.digest(Path(source))
            for spec in problem:
                if spreads:  # else the worker, which is this process, tells it
                    self._listener("start", spec, None)
                job = Job(spec, source, () if spreads else problem, self._exports.wanted(spec), self._book)
                begun[spec.maker].append(job)
                yield job

    def _record(self, job: Job, outcome: Outcome) -> None:
        trial = outcome.trial
        self._exports.keep(trial)
        if job.source != job.spec.source:
            trial.artifact_source = Path(job.source).relative_to(self._folder.path).as_posix()
            trial.source_digest = self._kept.digest(Path(job.source))
        if trial.environment not in self._environments:
            self._folder.add_environment(trial.environment, outcome.facts)
            self._environments.add(trial.environment)
        self._folder.append(trial)
        self._ended[trial.spec.id] = trial
        self._listener("done", trial.spec, trial)


def _words(trial: Trial) -> str:
    return f"{trial.spec.task} {trial.spec.method} seed {trial.spec.seed}"


def _lost(spec: TrialSpec, why: str) -> Outcome:
    """Return the failure of a trial that ended every worker it was given to."""
    method, task = get_method(spec.task, spec.method), get_task(spec.task)
    error = QwattError(
        f"its worker ended {ATTEMPTS} times before it had answered (the last: {why})",
        mend="see whether memory ran out; fewer processes, or a smaller size, take less",
    )
    return Outcome(failed_trial(Trial(spec, method.kind.value, task.metric, "failed"), error, 0.0), {})
