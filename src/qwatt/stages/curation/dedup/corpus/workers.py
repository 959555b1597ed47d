"""Who does the work: this process, several processes, or a Ray cluster. The result is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from qwatt.core.errors import QwattError

if TYPE_CHECKING:
    from qwatt.core.executors import Executor

T = TypeVar("T")
R = TypeVar("R")


class Workers(Protocol):
    """Anything that applies a function to items and yields the results in their order."""

    def __call__(self, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """Apply a function of a module to items that can be pickled."""


def serial(function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """Work in this process."""
    return map(function, items)


@contextmanager
def workers(count: int = 1, address: str | None = None) -> Iterator[Workers]:
    """Open workers: one is this process, several are processes of this machine.

    Args:
        count: processes.
        address: of a Ray cluster, on whose nodes the inputs and the output lie under the same paths;
            "local" starts one here.

    Raises:
        QwattError: Ray is asked for and not installed, or there is no cluster.
    """
    if address is None and count == 1:
        yield serial
        return
    from qwatt.core.executors import nothing
    from qwatt.core.executors.on_ray import OnRay
    from qwatt.core.executors.processes import Processes

    made = Processes(count, nothing) if address is None else OnRay(address, count, nothing)
    with closing(made):
        yield _InOrder(made)


class _InOrder:
    """Yields an executor's results in the order of the items."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def __call__(self, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        from qwatt.core.executors import ATTEMPTS, Lost

        numbered = [(number, function, item) for number, item in enumerate(items)]
        early: dict[int, R] = {}
        due = 0
        for (number, _, _), result in self._executor.map(_apply, numbered):
            if isinstance(result, Lost):
                what = f"a worker ended {ATTEMPTS} times at one piece of work ({result.why})"
                raise QwattError(what, mend="see whether memory ran out; give --memory or fewer --workers")
            early[number] = result
            while due in early:
                yield early.pop(due)
                due += 1


def _apply(numbered: tuple[int, Callable[[Any], R], Any]) -> R:
    _, function, item = numbered
    return function(item)
