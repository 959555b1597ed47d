"""What `plan` and `run` refuse alike, before anything is executed."""

from __future__ import annotations

from collections.abc import Sequence

from qwatt.core.errors import QwattError
from qwatt.core.interrupts import let_interrupts_pass
from qwatt.core.method import Kind
from qwatt.core.problem import Problem
from qwatt.core.registry import AnyTask, get_backend, get_method
from qwatt.core.trial import TrialSpec


def check_trials(todo: Sequence[TrialSpec], specs: Sequence[TrialSpec]) -> None:
    """Make every backend once, and see that every chained task has an earlier one that makes artifacts.

    Args:
        todo: the trials that are to be executed.
        specs: all trials of the study.

    Raises:
        QwattError: a backend cannot be made, or an artifact will never exist.
    """
    for source in dict.fromkeys(spec.source for spec in todo if spec.source.startswith("@")):
        _check_chained(source, specs)
    with_circuits = [s for s in todo if get_method(s.task, s.method).takes_backend]
    for backend in dict.fromkeys(spec.backend for spec in with_circuits):
        get_backend(backend)


def _check_chained(source: str, specs: Sequence[TrialSpec]) -> None:
    earlier = source[1:]
    methods = {spec.method for spec in specs if spec.task == earlier}
    if any(get_method(earlier, name).kind is not Kind.CONTROL for name in methods):
        return
    what = f"no method of {earlier} in this study makes an artifact"
    mend = f"add a method of {earlier} that is not a control, or give another source"
    raise QwattError(what, where=f"source {source!r}", mend=mend)


def load_problem(task: AnyTask, spec: TrialSpec, source: str) -> Problem:
    """Load a trial's problem.

    Args:
        task: the task.
        spec: the trial.
        source: its source, with "@stage/task" replaced by the artifact.

    Raises:
        QwattError: the source cannot be read or does not fit; always names it.
    """
    try:
        problem: Problem = task.load(source, spec.size, spec.seed)
        return problem
    except QwattError as error:
        let_interrupts_pass(error)
        if error.where:
            raise
        raise QwattError(error.what, where=f"source {source}", mend=error.mend) from error
    except Exception as error:
        let_interrupts_pass(error)
        raise QwattError(
            f"{type(error).__name__} while loading {source!r} for {task.name}: {error}",
            where=f"source {source}",
            mend="check the source; `qwatt data list` shows the built-in ones",
        ) from error
