"""Loss against what was spent: circuit runs, shots, tokens and joules of this machine, never steps alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from qwatt.core.quantity import Quantity, total
from qwatt.energy.meter import Meter, Window
from qwatt.language.decoder.curve import first_reaching

POINTS = 16
"""Points of a curve, spread evenly over the logarithm of what is spent."""


@dataclass(frozen=True)
class SpentPoint:
    """Where training stood.

    Args:
        steps: optimiser steps done.
        runs: circuits run; where a simulator differentiates, three a sentence.
        shots: shots of a QPU.
        tokens: tokens trained on.
        energy: joules of this machine, simulation included.
        loss: on the test part, exact; None until it is scored.
    """

    steps: int
    runs: int
    shots: int
    tokens: int
    energy: Quantity
    loss: float | None = None


@dataclass(frozen=True)
class SpentCurve:
    """The points of one training, in order."""

    points: tuple[SpentPoint, ...] = ()

    def scored(self, losses: Sequence[float]) -> SpentCurve:
        """Return the curve with the losses of its points."""
        return SpentCurve(tuple(replace(p, loss=loss) for p, loss in zip(self.points, losses, strict=True)))

    def reached(self, target: float) -> SpentPoint | None:
        """Return the first point whose loss is not above a target; None where there is none."""
        return first_reaching(self.points, target)

    def to_record(self) -> list[dict[str, Any]]:
        """Return the JSON form."""
        return [asdict(p) | {"energy": p.energy.to_record()} for p in self.points]


class Recorder:
    """Takes the points while training runs.

    Args:
        budget: of whatever training counts, runs or tokens; fixes where points are taken.
        points: how many at most.
    """

    def __init__(self, budget: int, points: int = POINTS) -> None:
        marks = np.geomspace(max(1.0, budget / 2.0 ** (points / 2)), budget, points)
        self._marks = [float(mark) for mark in marks]
        self._meter = Meter()
        self._spent: list[Quantity] = []
        self._window: Window | None = self._meter.begin("train")
        self.points: list[SpentPoint] = []

    def due(self, spent: int, last: bool) -> bool:
        """Return whether a point is to be taken after so much of the budget."""
        passed = [mark for mark in self._marks if mark <= spent]
        self._marks = self._marks[len(passed) :]
        return last or bool(passed)

    def take(self, *, steps: int, runs: int = 0, shots: int = 0, tokens: int = 0) -> None:
        """Take a point now."""
        assert self._window is not None
        self._spent.append(self._meter.end(self._window).energy)
        self.points.append(SpentPoint(steps, runs, shots, tokens, total(self._spent)))
        self._window = self._meter.begin("train")

    def close(self) -> SpentCurve:
        """Return the curve."""
        if self._window is not None:
            self._meter.end(self._window)
            self._window = None
        return SpentCurve(tuple(self.points))
