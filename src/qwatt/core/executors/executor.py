"""The seam: a map that yields results as they come, and says which items were lost with their workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")

ATTEMPTS = 3
"""How often an item is given to a worker before it is lost: a worker that dies may be the item's doing."""


@dataclass(frozen=True)
class Lost:
    """What becomes of an item whose workers died each time.

    Args:
        why: how the last one ended.
    """

    why: str


class Executor(Protocol):
    """Applies a function to items, at one place or at several."""

    spreads: ClassVar[bool]
    """Whether several items are worked on at once, in other processes."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R | Lost]]:
        """Yield every item with its result, as they are done.

        Items are taken one by one, when a worker is free. An error of the function is raised here.

        Args:
            function: of a module; what it takes and returns can be pickled where the executor spreads.
            items: in the order in which they are begun.
        """
        ...


def nothing() -> None:
    """Prepare no worker."""
