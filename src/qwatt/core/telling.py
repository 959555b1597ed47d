"""Asks a task about a recorded trial: what only the task knows the form of may be damaged in a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from qwatt.core.errors import QwattError
from qwatt.core.recorded import RecordedTrial
from qwatt.core.trial import Trial

T = TypeVar("T")


def told(tell: Callable[[Trial], T], trial: Trial, older: Callable[[Trial, str], T] | None = None) -> T:
    """Return what a task's hook (`headline`, `summary`, `meets`) says of a trial.

    Args:
        tell: the hook.
        trial: what it is asked about.
        older: answers instead where the record lacks what the hook looks for, as one of an earlier version
            may, or is as it was written and yet unreadable; it is given the trial and what is wrong.

    Raises:
        QwattError: extras or notes of the record are not of the form that the task writes.
    """
    try:
        return tell(trial)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        lacks = isinstance(error, KeyError) or "NoneType" in str(
            error
        )  # what `get` finds of what is not there
        if older is not None and (lacks or isinstance(trial, RecordedTrial)):
            return older(trial, str(error))
        spec = trial.spec
        raise QwattError(
            f"what {spec.task} wrote of its result cannot be read: {type(error).__name__}: {error}",
            where=f"trials.jsonl, {spec.method}, seed {spec.seed}",
            mend=f"delete the line with the id {spec.id}; the run will repeat that trial",
        ) from error
