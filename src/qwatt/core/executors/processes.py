"""Several items at once, in processes of this machine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import wait
from typing import Any, ClassVar, TypeVar

from qwatt.core.executors.executor import ATTEMPTS, Lost
from qwatt.core.executors.lane import Lane, WorkerDied

T = TypeVar("T")
R = TypeVar("R")


class Processes:
    """Works in processes that are started when there is work, and anew when they die; close it to end them.

    Args:
        count: processes.
        prepare: called once in every new process; can be pickled.
    """

    spreads: ClassVar[bool] = True

    def __init__(self, count: int, prepare: Callable[[], None]) -> None:
        self._count, self._prepare = count, prepare
        self._lanes: list[Lane] = []

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R | Lost]]:
        """Yield every item with its result, as they are done; an item whose worker died goes to another."""
        source, again = iter(items), deque[tuple[T, int]]()
        busy: dict[Any, tuple[Lane, T, int]] = {}
        idle = list(self._lanes)
        while True:
            while len(busy) < self._count and (taken := _next(again, source)) is not None:
                lane = idle.pop() if idle else self._new()
                lane.give(function, taken[0])
                busy[lane.connection] = (lane, *taken)
            if not busy:
                return
            for connection in wait(list(busy)):
                lane, item, attempt = busy.pop(connection)
                try:
                    result: R | Lost = lane.take()
                except WorkerDied as died:
                    if attempt < ATTEMPTS:
                        again.append((item, attempt + 1))
                        idle.insert(0, lane)  # where there is another, that one takes it
                        continue
                    result = Lost(str(died))
                idle.append(lane)
                yield item, result

    def _new(self) -> Lane:
        self._lanes.append(Lane(self._prepare))
        return self._lanes[-1]

    def close(self) -> None:
        """End the processes, whatever they do."""
        for lane in self._lanes:
            lane.close()


def _next(again: deque[tuple[T, int]], source: Iterator[T]) -> tuple[T, int] | None:
    """Return what to begin next and the number of the attempt, or None when nothing is left."""
    if again:
        return again.popleft()
    for item in source:
        return item, 1
    return None
