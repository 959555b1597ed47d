"""What a running method gets: a backend, a generator, energy windows, and work that methods share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from qwatt.core.backend import Backend
from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError
from qwatt.core.progress import tell
from qwatt.core.quantity import Quantity
from qwatt.core.registry import get_backend
from qwatt.core.ring import Ring
from qwatt.core.shared import Shared
from qwatt.core.trial import TrialSpec
from qwatt.protocol.phases import OTHER, TUNE, PhaseWindow, add, without

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter, Window

T = TypeVar("T")
Spent = tuple[Quantity, float]
"""Energy and seconds."""


class TrialContext:
    """The context of one trial; implements `qwatt.core.context.Context`.

    Args:
        spec: the trial.
        meter: reads the energy of every window.
        backend: where circuits run; by default the one of the specification, made on first use, so that a
            classical method never loads it.
    """

    def __init__(
        self,
        spec: TrialSpec,
        meter: Meter,
        backend: Backend | None = None,
    ) -> None:
        self.spec = spec
        self.seed = spec.seed
        self.shots = spec.shots
        self.meter = meter
        self.windows: list[PhaseWindow] = []
        self.charged: list[PhaseWindow] = []
        self.candidate = -1
        self._backend = backend
        self._inside: list[list[Spent]] = [[]]
        self._excluded: list[Spent] = []
        self._uses: dict[str, tuple[Ring, bool]] = {}

    @property
    def backend(self) -> Backend:
        """Where circuits and QUBOs run."""
        if self._backend is None:
            self._backend = get_backend(self.spec.backend)
        return self._backend

    @property
    def demand(self) -> Demand:
        """The QPU's bill so far."""
        return Demand() if self._backend is None else self._backend.recorder.demand

    @cached_property
    def rng(self) -> np.random.Generator:
        """The trial's own generator, seeded by its seed and its method's name."""
        return np.random.default_rng(self.spec.sequence())

    def phase(self, ring: Ring, name: str) -> AbstractContextManager[None]:
        """Open an energy window; what is opened inside it is subtracted from it.

        Raises:
            QwattError: the name is reserved, or was used for another ring.
        """
        return self._open(Ring(ring), name, simulated=False)

    def circuits(self, name: str = "circuits") -> AbstractContextManager[None]:
        """Open the window of what a QPU would execute; here it is simulated, and recorded as such."""
        return self._open(Ring.KERNEL, name, simulated=True)

    def shared(self, ring: Ring, name: str, work: Callable[[], Shared[T]]) -> T:
        """Return the result of shared work, charged once a trial at what it cost when first done."""
        self._check(Ring(ring), name, simulated=False)
        with self._measured(name, self._exclude):
            found = work()
        charge = PhaseWindow(Ring(ring), name, found.seconds, found.energy, -1, note=found.note)
        if charge not in self.charged:
            self.charged.append(charge)
        return found.value

    def progress(self, done: int, total: int, unit: str) -> None:
        """Tell how far a long piece of work is."""
        tell(done, total, unit)

    def close(self, whole: Quantity, seconds: float) -> Quantity:
        """Put what was in no window into one of its own, and return the trial's energy.

        Args:
            whole: energy of the window that holds all others.
            seconds: wall time of it.
        """
        rest = without(whole, (energy for energy, _ in self.outermost))
        left = max(0.0, seconds - sum(s for _, s in self.outermost))
        self.windows.append(PhaseWindow(Ring.OUTER, OTHER, left, rest, -1))
        own = without(whole, (energy for energy, _ in self._excluded))
        return add([own, *(charge.energy for charge in self.charged)])

    @property
    def outermost(self) -> list[Spent]:
        """Energy and seconds of the outermost windows."""
        return self._inside[0]

    @contextmanager
    def _open(self, ring: Ring, name: str, simulated: bool) -> Iterator[None]:
        self._check(ring, name, simulated)
        candidate = self.candidate

        def keep(energy: Quantity, seconds: float) -> None:
            self.windows.append(PhaseWindow(ring, name, seconds, energy, candidate, simulated))

        with self._measured(name, keep):
            yield

    @contextmanager
    def _measured(self, name: str, keep: Callable[[Quantity, float], None]) -> Iterator[None]:
        """Measure a window and hand its own energy and seconds, without those inside it, to `keep`."""
        depth = len(self._inside)
        self._inside.append([])
        start = time.perf_counter()
        window: Window | None = None
        try:
            with self.meter.window(name) as window:
                yield
        except Exception:  # the method may catch it and go on
            with suppress(Exception):  # a window that cannot tell must not hide why it was left
                self._keep(window, depth, start, keep)
            raise
        except BaseException:  # an interrupt ends the trial: nobody asks for its energy any more
            del self._inside[depth:]
            raise
        self._keep(window, depth, start, keep)

    def _keep(
        self, window: Window | None, depth: int, start: float, keep: Callable[[Quantity, float], None]
    ) -> None:
        """Hand what a closed window cost, without those inside it, to `keep`, and all of it to its parent."""
        children = self._inside[depth]
        del self._inside[depth:]
        if window is None:
            return
        seconds = time.perf_counter() - start
        self._inside[-1].append((window.energy, seconds))
        own = without(window.energy, (energy for energy, _ in children))
        keep(own, max(0.0, seconds - sum(s for _, s in children)))

    def _exclude(self, energy: Quantity, seconds: float) -> None:
        self._excluded.append((energy, seconds))

    def _check(self, ring: Ring, name: str, simulated: bool) -> None:
        if name in (TUNE, OTHER):
            raise QwattError(f"the phase name {name!r} is the protocol's own", mend="choose another name")
        if self._uses.setdefault(name, (ring, simulated)) != (ring, simulated):
            raise QwattError(
                f"the phase {name!r} was opened in the ring {self._uses[name][0].name} before",
                mend="give work of another ring another name",
            )
