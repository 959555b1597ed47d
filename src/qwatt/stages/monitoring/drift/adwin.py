"""ADWIN: a window of variable length that forgets what was before a change (Bifet and Gavalda 2007)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.permutation import PERMUTATIONS
from qwatt.stages.monitoring.drift.problem import DriftProblem
from qwatt.stages.monitoring.drift.stream_order import OrderDetector

if TYPE_CHECKING:
    from river import drift
else:
    drift = lazy("river.drift")

_UPDATE = 300.0
"""Values of an elementwise operation that take as long as one update."""


@method
class Adwin(OrderDetector):
    """How far the mean of what ADWIN still remembers at a window's end lies from the reference's mean.

    It reads the scores of the reference, then those of the window. Where it noticed a change it has forgotten
    what was before, and its mean is the window's; else it is that of both. Its own bound `delta` is loose, so
    the threshold is found among random orders.
    """

    name = "adwin"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1137/1.9781611972771.42",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"delta": (0.05, 0.002, 0.3)}
    limits = {"delta": (1e-9, 0.999)}

    def of_orders(self, streams: NDArray[np.float64], settings: Settings) -> NDArray[np.float64]:
        """Return the distance of the mean that is remembered from that of the first half."""
        return np.array([_distance(stream, float(settings["delta"])) for stream in streams])

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count an update a text and assignment."""
        updates = 2.0 * problem.window * (PERMUTATIONS + 1)
        return Effort(work={"gemm_flop": self.score_flop(problem), "elementwise": _UPDATE * updates})


def _distance(stream: NDArray[np.float64], delta: float) -> float:
    detector = drift.ADWIN(delta=delta, clock=4)
    for score in stream.tolist():
        detector.update(score)
    return abs(float(detector.estimation) - float(stream[: len(stream) // 2].mean()))
