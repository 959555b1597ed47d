"""What the protocol hands to a running method: a backend, a generator, energy windows, shared work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeVar

import numpy as np

from qwatt.core.backend import Backend
from qwatt.core.ring import Ring
from qwatt.core.shared import Shared

T = TypeVar("T")


class Context(Protocol):
    """The context of one trial."""

    seed: int
    shots: int | None
    """Shots per circuit; None means exact expectation values, a labelled extra row."""

    @property
    def backend(self) -> Backend:
        """Where circuits and QUBOs run; `qwatt.quantum.backends.circuit_backend` types it for circuits."""
        ...

    @property
    def rng(self) -> np.random.Generator:
        """The trial's own generator, seeded by its seed and method."""
        ...

    def phase(self, ring: Ring, name: str) -> AbstractContextManager[None]:
        """Open an energy window; what is opened inside it is subtracted from it."""
        ...

    def circuits(self, name: str = "circuits") -> AbstractContextManager[None]:
        """Open the window of what a QPU would execute; here it is simulated, and recorded as such."""
        ...

    def shared(self, ring: Ring, name: str, work: Callable[[], Shared[T]]) -> T:
        """Return the result of work that methods share, charged once a trial at what it cost when first done.

        Whatever `work` takes now, such as looking a cache up or filling it, is not charged besides.
        """
        ...

    def progress(self, done: int, total: int, unit: str) -> None:
        """Tell how far a long piece of work is, such as 3 of 80 "steps"; cheap enough for every step."""
        ...


class Unmetered:
    """A context outside any trial: whatever it runs is measured by nobody and charged to nobody.

    Args:
        backend: where circuits and QUBOs run.
        shots: shots per circuit; None for exact expectation values.
        seed: seed of the generator, and of the backend's own.
    """

    def __init__(self, backend: Backend, shots: int | None = None, seed: int = 0) -> None:
        self.backend = backend
        self.shots = shots
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        backend.seed(seed)

    def phase(self, ring: Ring, name: str) -> AbstractContextManager[None]:
        """Open nothing."""
        return nullcontext()

    def circuits(self, name: str = "circuits") -> AbstractContextManager[None]:
        """Open nothing."""
        return nullcontext()

    def shared(self, ring: Ring, name: str, work: Callable[[], Shared[T]]) -> T:
        """Do the work and return its result."""
        return work().value

    def progress(self, done: int, total: int, unit: str) -> None:
        """Tell nobody."""
