"""What a running method gets: a backend, a generator, and energy windows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.backend import Backend
from qwatt.core.quantity import Quantity
from qwatt.core.registry import get_backend
from qwatt.core.trial import TrialSpec
from qwatt.protocol.phases import Phase, without

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter, Window


class TrialContext:
    """The context of one trial; implements `qwatt.core.method.Context`.

    Args:
        spec: the trial.
        meter: reads the energy of every phase.
        backend: where circuits run; made on first use, so that a classical method never loads it.
    """

    def __init__(self, spec: TrialSpec, meter: Meter, backend: Backend | None = None) -> None:
        self.spec = spec
        self.seed = spec.seed
        self.shots = spec.shots
        self.meter = meter
        self.phases: list[Phase] = []
        self.charged: list[Quantity] = []
        self.candidate = -1
        self._inside: list[list[tuple[Quantity, float]]] = [[]]
        if backend is not None:
            self.__dict__["backend"] = backend

    @cached_property
    def backend(self) -> Backend:
        """Where circuits and QUBOs run."""
        backend: Backend = get_backend(self.spec.backend)
        return backend

    @cached_property
    def rng(self) -> np.random.Generator:
        """The trial's own generator, seeded by its seed and its method's name."""
        return np.random.default_rng(self.spec.sequence())

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Open an energy window; what is opened inside it is subtracted from it."""
        self._inside.append([])
        start = time.perf_counter()
        window: Window | None = None
        try:
            with self.meter.window(name) as window:
                yield
        finally:  # also after an error, as the method may catch it and go on
            children = self._inside.pop()
            if window is not None:
                self._close(name, window.energy, time.perf_counter() - start, children)

    def _close(
        self, name: str, energy: Quantity, seconds: float, children: list[tuple[Quantity, float]]
    ) -> None:
        self._inside[-1].append((energy, seconds))
        own = without(energy, (part for part, _ in children))
        own_seconds = max(0.0, seconds - sum(s for _, s in children))
        self.phases.append(Phase(name, own_seconds, own, self.candidate))

    def charge(self, name: str, energy: Quantity, seconds: float, note: str) -> None:
        """Charge work that was done and measured earlier, such as cached embeddings.

        Charged once a trial, whatever the number of tuning candidates that ask for it.
        """
        phase = Phase(name, seconds, energy, -1, note)
        if phase in self.phases:
            return
        self.phases.append(phase)
        self.charged.append(energy)

    @property
    def measured(self) -> list[tuple[Quantity, float]]:
        """Energy and seconds of the outermost phases."""
        return self._inside[0]
