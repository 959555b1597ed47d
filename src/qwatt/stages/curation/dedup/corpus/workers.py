"""Who does the work: this process, several processes, or a Ray cluster. The result is the same."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Protocol, TypeVar

from qwatt.core.errors import MissingExtraError
from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import ray
else:
    ray = lazy("ray")

T = TypeVar("T")
R = TypeVar("R")

_LOOK_S = 1.0


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
        QwattError: Ray is asked for and not installed.
    """
    if address is not None:
        with _cluster(count, address) as found:
            yield found
    elif count == 1:
        yield serial
    else:
        with ProcessPoolExecutor(count, get_context("spawn"), _end_with_parent, (os.getpid(),)) as pool:
            yield _Pool(pool)


class _Pool:
    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    def __call__(self, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        return self._pool.map(function, items)


@contextmanager
def _cluster(count: int, address: str) -> Iterator[Workers]:
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("a Ray cluster", "ray") from error
    local = address == "local"
    ray.init(address=address, num_cpus=count if local else None, include_dashboard=False, log_to_driver=False)
    try:
        yield _on_ray
    finally:
        ray.shutdown()


def _on_ray(function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    task = ray.remote(function)
    waiting = [task.remote(item) for item in items]
    for reference in waiting:
        yield ray.get(reference)


def _end_with_parent(parent: int) -> None:
    """End this process when its parent has ended, however that was."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_S)
        os._exit(1)

    threading.Thread(target=watch, name="watch the parent", daemon=True).start()
