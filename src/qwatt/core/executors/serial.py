"""One item after the other, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar, TypeVar

from qwatt.core.executors.executor import Lost

T = TypeVar("T")
R = TypeVar("R")


class Serial:
    """Works in this process."""

    spreads: ClassVar[bool] = False

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R | Lost]]:
        """Yield every item with its result."""
        for item in items:
            yield item, function(item)
