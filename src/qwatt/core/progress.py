"""How far long work is: loops deep inside a task or a reader tell it to whoever listens above them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Progress = Callable[[int, int, str], None]
"""Called with what is done, of how much (0 where nobody knows), and its unit in the plural."""

SETTINGS = "settings"
"""The unit of the tuner: how many of its candidates are done."""

SCORING = "scoring"
"""Told once, as a unit: the trial's own work is over and its solution is being scored."""

EVERY = 64
"""Items of a fast loop between two calls."""

_listening: ContextVar[Progress | None] = ContextVar("listening", default=None)


@contextmanager
def listening(listener: Progress | None) -> Iterator[None]:
    """Hand all that is told meanwhile to a listener; None hears nothing."""
    token = _listening.set(listener)
    try:
        yield
    finally:
        _listening.reset(token)


def tell(done: int, total: int, unit: str) -> None:
    """Tell how far the work is, such as 3 of 80 "steps"."""
    if (listener := _listening.get()) is not None:
        listener(done, total, unit)


def told(items: Sequence[T], unit: str, every: int = EVERY) -> Iterator[T]:
    """Yield the items and tell every so many how far that is; one item alone is no news.

    Args:
        items: what a loop goes through.
        unit: what they are, in the plural, such as "documents".
        every: items between two calls.
    """
    listener, total = _listening.get(), len(items)
    if listener is None or total < 2:
        yield from items
        return
    for number, item in enumerate(items):
        if number % every == 0:
            listener(number, total, unit)
        yield item
    listener(total, total, unit)
