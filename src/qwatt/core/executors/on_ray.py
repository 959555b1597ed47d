"""Several items at once, on the nodes of a Ray cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, TypeVar

from qwatt.core.errors import MissingExtraError, QwattError
from qwatt.core.executors.executor import ATTEMPTS, Lost

T = TypeVar("T")
R = TypeVar("R")

LOCAL = "local"
_A_NODE = 2
"""Items at a node at once: one that is measured, and one that makes ready for it."""


class OnRay:
    """Works on a cluster; Ray gives an item whose worker or node died to another.

    Args:
        address: of a running cluster, or "local" to start one here.
        count: workers of a cluster that is started here; of a running one, its nodes say how many.
        prepare: called once in every worker process; can be pickled.

    Raises:
        MissingExtraError: Ray is not installed.
        QwattError: there is no cluster at the address.
    """

    spreads: ClassVar[bool] = True

    def __init__(self, address: str, count: int, prepare: Callable[[], None]) -> None:
        try:
            import ray
        except ImportError as error:
            raise MissingExtraError("a Ray cluster", "ray") from error
        self._ray: Any = ray
        self._prepare = prepare
        local = address == LOCAL
        self._count = count if local else None
        try:
            ray.init(address=address, num_cpus=self._count, include_dashboard=False, log_to_driver=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            mend = "give the address that `ray start` printed, or ray alone to start a cluster here"
            raise QwattError(f"no Ray cluster: {error}", where=f"ray:{address}", mend=mend) from error

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R | Lost]]:
        """Yield every item with its result, as they are done."""
        task = self._ray.remote(_call)
        source = iter(items)
        flying: dict[Any, tuple[T, str]] = {}
        try:
            while True:
                while (node := self._free_node(Counter(at for _, at in flying.values()))) is not None:
                    for item in source:
                        there = task.options(
                            num_cpus=1, max_retries=ATTEMPTS - 1, scheduling_strategy=self._near(node)
                        )
                        flying[there.remote(self._prepare, function, item)] = (item, node)
                        break
                    else:
                        break
                if not flying:
                    return
                for reference in self._ray.wait(list(flying), num_returns=1)[0]:
                    item, _ = flying.pop(reference)
                    yield item, self._result(reference)
        finally:
            for reference in flying:
                self._ray.cancel(reference, force=True)

    def _free_node(self, busy: Counter[str]) -> str | None:
        """Return the least busy node that can take another item; nodes may come and go."""
        nodes = [node["NodeID"] for node in self._ray.nodes() if node["Alive"]]
        most = self._count or _A_NODE
        return min((n for n in nodes if busy[n] < most), key=lambda n: busy[n], default=None)

    def _near(self, node: str) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        return NodeAffinitySchedulingStrategy(node, soft=True)

    def _result(self, reference: Any) -> Any:
        errors = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except errors.RayTaskError as error:
            raise error.cause from None
        except errors.RayError as error:  # a worker or node that died, each time
            return Lost(str(error).strip().splitlines()[0])

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        self._ray.shutdown()


_prepared = False


def _call(prepare: Callable[[], None], function: Callable[[T], R], item: T) -> R:
    global _prepared  # noqa: PLW0603 (once a process is what is wanted)
    if not _prepared:
        prepare()
        _prepared = True
    return function(item)
