"""No budget of a method is without end: what could never finish is refused before a trial, or planned."""

import signal
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.fixed import check_table
from qwatt.core.lazy import import_declared
from qwatt.core.problem import Problem
from qwatt.core.registry import AnyMethod, all_methods, get_task

METHODS = sorted(all_methods(), key=lambda method: (method.task, method.name))
NAMES = [f"{method.task}/{method.name}" for method in METHODS]


def counts(method: type[AnyMethod]) -> Iterator[str]:
    """Yield the settings that are whole numbers."""
    for name, candidates in method.space.items():
        numbers = [value for value in candidates if not isinstance(value, str)]
        if numbers and all(type(value) is int for value in numbers):
            yield name


def test_every_method_takes_what_its_tuner_tries() -> None:
    for method in METHODS:
        for name, candidates in method.space.items():
            for value in candidates:
                check_table([method], {name: value})


@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_no_count_is_without_end(method: type[AnyMethod]) -> None:
    for name in counts(method):
        with pytest.raises(QwattError, match=f"for {name}, not|units"):
            check_table([method], {name: 10**12})


def most(method: type[AnyMethod], name: str) -> int | None:
    limit = method.limits.get(name, (0, 10**6))
    return int(limit[1]) if isinstance(limit, tuple) else None


@cache
def problem(task: str) -> Problem:
    return get_task(task).load(get_task(task).default_source, "xs", 0)


@pytest.mark.nightly
@pytest.mark.parametrize("method", METHODS, ids=NAMES)
def test_the_most_that_is_taken_is_planned_or_refused(method: type[AnyMethod]) -> None:
    """In bounded time: the forecast of a run says how long it would take."""

    def late(*_: Any) -> None:
        raise TimeoutError(f"{method.name} plans {name} = {value} for more than half a minute of CPU")

    import_declared(method)
    before = signal.signal(signal.SIGVTALRM, late)
    try:
        for name in counts(method):
            if (value := most(method, name)) is None:
                continue
            given, own = problem(method.task), method()
            signal.setitimer(signal.ITIMER_VIRTUAL, 30.0)
            try:
                plan = own.plan(given, own.defaults() | {name: value}, 200)
            except QwattError as error:
                assert error.mend
            else:
                work = plan.run.work
                assert work is None or all(0 <= amount < float("inf") for amount in work.values())
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
    finally:
        signal.signal(signal.SIGVTALRM, before)
