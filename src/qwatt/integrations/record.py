"""`with qwatt.record("runs/mine", stage="training", label="fine-tune"):`, or as a decorator."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.task import STAGES
from qwatt.integrations.recording import Recording

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter

P = ParamSpec("P")
R = TypeVar("R")

INTERIM_S = 30.0
"""How often a running stretch is written down: what a kill loses at most."""


@dataclass
class Record:
    """What `record` returns: enter it with `with`, or put it above a function."""

    folder: Path
    stage: str
    label: str
    counts: Mapping[str, float]
    facts: Mapping[str, Any]
    every_s: float
    meter: Meter | None
    _open: list[Recording] = field(default_factory=list, init=False)
    _entered: ContextVar[tuple[Recording, ...]] = field(
        default_factory=lambda: ContextVar("entered"), init=False
    )  # of this thread, or coroutine

    def begin(self, label: str | None = None) -> Recording:
        """Begin a stretch of work without a `with` block; `end` of what is returned must follow."""
        named = self.label if label is None else label
        return Recording.begin(
            self.folder, self.stage, named, self.counts, self.facts, self.every_s, self.meter
        )

    def __enter__(self) -> Recording:
        recording = self.begin()
        self._open.append(recording)
        self._entered.set((*self._entered.get(()), recording))
        return recording

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        *around, mine = self._entered.get(()) or self._open  # entered here; else, elsewhere, the latest
        self._entered.set(tuple(around))
        self._open.remove(mine)
        mine.end(error)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Record every call of a function; the label is its name where none was given."""
        named = self.label or function.__name__
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            what, mend = "a generator works after it was called", "use `with qwatt.record(...)` inside it"
            raise QwattError(what, where=function.__name__, mend=mend)
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
                with _Call(self, named):
                    return await function(*args, **kwargs)

            return awaited  # type: ignore[return-value]

        @wraps(function)
        def recorded(*args: P.args, **kwargs: P.kwargs) -> R:
            with _Call(self, named):
                return function(*args, **kwargs)

        return recorded


class _Call:
    """One call of a decorated function, which may call itself or run in several threads."""

    def __init__(self, record: Record, label: str) -> None:
        self.recording = record.begin(label)

    def __enter__(self) -> Recording:
        return self.recording

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.recording.end(error)


def record(
    folder: str | PathLike[str],
    *,
    stage: str,
    label: str = "",
    counts: Mapping[str, float] | None = None,
    facts: Mapping[str, Any] | None = None,
    every_s: float = INTERIM_S,
    meter: Meter | None = None,
) -> Record:
    """Record the energy of a stretch of your own work as a row of a run folder.

    The row is in the folder from the begin on and is brought up to date while the work goes on: a kill loses
    no more than `every_s` seconds of it. Any number of processes may record into one folder. A stretch
    inside another one, also in a child process, is a part of it and adds to no sum.

    Args:
        folder: the run folder; made where missing. `qwatt project --run` and `qwatt report` read it.
        stage: "curation", "encoding", "architecture", "training", "tuning", "deployment" or "monitoring".
        label: what it is, in your words; of a function its name.
        counts: what is done, such as {"tokens": 1e6} or, for serving, {"requests": 500}.
        facts: anything else worth keeping: text, numbers.
        every_s: seconds between two interim rows.
        meter: reads energy; by default the best rung of this machine.

    Raises:
        QwattError: no such stage, or the folder cannot be made.
    """
    if stage not in STAGES:
        raise unknown_name("stage", stage, STAGES, where="stage")
    return Record(Path(folder), stage, label, counts or {}, facts or {}, every_s, meter)
