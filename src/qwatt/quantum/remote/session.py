"""Which run and trial the circuits of this moment belong to, for devices that PennyLane makes by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from qwatt.quantum.remote.ledger import Ledger


@dataclass(frozen=True)
class Session:
    """A trial's book.

    Args:
        ledger: of the run.
        trial: id of the trial.
        sent: how often it has sent each program, by digest.
    """

    ledger: Ledger
    trial: str
    sent: Counter[str] = field(default_factory=Counter)


_current: ContextVar[Session | None] = ContextVar("remote session", default=None)


@contextmanager
def booked(ledger: Ledger, trial: str) -> Iterator[None]:
    """Write the jobs that are submitted meanwhile into a ledger, as a trial's."""
    token = _current.set(Session(ledger, trial))
    try:
        yield
    finally:
        _current.reset(token)


def current_session() -> Session:
    """Return the running trial's, or one that keeps no book."""
    return _current.get() or Session(Ledger(None), "")
