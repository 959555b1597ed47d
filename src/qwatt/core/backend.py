"""Where circuits and QUBOs run: the part of a backend that the protocol needs to know."""

from __future__ import annotations

from abc import ABC, abstractmethod

from qwatt.core.demand import AnnealLine, CircuitLine, Demand


class DemandRecorder:
    """Adds up the QPU's bill of everything that a backend executes."""

    def __init__(self) -> None:
        self._lines: list[CircuitLine | AnnealLine] = []

    def add(self, demand: Demand) -> None:
        """Charge a bill."""
        self._lines += demand.lines
        if len(self._lines) > 4096:
            self._lines = Demand.of(*self._lines).lines

    @property
    def demand(self) -> Demand:
        """The bill so far."""
        return Demand.of(*self._lines)


class Backend(ABC):
    """A place to execute; every execution is charged to `recorder` in the QPU's currency.

    Args:
        recorder: takes the bill, where two backends work on one; a new one by default.

    Attributes:
        bill_shots: shots per circuit that exact expectation values are billed at.
    """

    bill_shots: int = 1000

    def __init__(self, recorder: DemandRecorder | None = None) -> None:
        self.recorder = DemandRecorder() if recorder is None else recorder

    @property
    @abstractmethod
    def name(self) -> str:
        """Name to record, the one that `--backend` takes."""

    def seed(self, seed: int) -> None:
        """Restart the backend's own randomness, where it has any."""
        return
