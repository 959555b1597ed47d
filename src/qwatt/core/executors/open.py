"""Opens the executor that was asked for by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.executors.executor import Executor, nothing
from qwatt.core.executors.on_ray import LOCAL, OnRay
from qwatt.core.executors.processes import Processes
from qwatt.core.executors.serial import Serial

KINDS = ("serial", "processes", "ray")
_MOST = 1024


@contextmanager
def open_executor(spec: str = "serial", prepare: Callable[[], None] = nothing) -> Iterator[Executor]:
    """Open "serial", "processes[:COUNT]" or "ray[:ADDRESS]", and close it at the end.

    Args:
        spec: its name, and after a colon the number of processes or the cluster's address.
        prepare: called once in every worker process; can be pickled.

    Raises:
        QwattError: no such executor, a bad count, no cluster, or Ray is not installed.
    """
    kind, argument = check_executor(spec)
    if kind == "serial":
        yield Serial()
        return
    count = int(argument) if argument.isdecimal() else usual_count()
    made = Processes(count, prepare) if kind == "processes" else OnRay(argument or LOCAL, count, prepare)
    with closing(made):
        yield made


def check_executor(spec: str) -> tuple[str, str]:
    """Return the kind and the argument of an executor's name.

    Raises:
        QwattError: no such executor, or an argument that it does not take.
    """
    kind, colon, argument = spec.partition(":")
    if kind not in KINDS:
        raise unknown_name("executor", kind, KINDS, where="--executor")
    count = kind == "processes" and not (argument.isdecimal() and 0 < int(argument[:9]) <= _MOST)
    if (colon and not argument) or (kind == "serial" and argument) or (argument and count):
        mend = "write serial, processes, processes:4, ray, or ray:ADDRESS"
        raise QwattError(f"{spec!r} is no executor", where="--executor", mend=mend)
    return kind, argument


def usual_count() -> int:
    """Return the workers of this machine where nobody says: more would only wait for each other's trials."""
    return min(4, os.cpu_count() or 1)
