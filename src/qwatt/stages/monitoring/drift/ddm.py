"""DDM: errors that rise above their lowest rate; a text unlike the reference counts as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.permutation import PERMUTATIONS
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows
from qwatt.stages.monitoring.drift.stream_order import OrderDetector

WARM_START = 30
"""Texts before anything counts, as in the paper."""


@method
class Ddm(OrderDetector):
    """The largest (p + s - p_min) / s_min in the window: DDM itself warns at 2 and alarms at 3.

    p is the rate of errors so far, s its deviation. Nobody knows errors without labels: a text counts as one
    where its score lies below a quantile of those like the reference. The threshold is found among random
    orders.
    """

    name = "ddm"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1007/978-3-540-28645-5_29 (Gama et al. 2004)",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"quantile": (0.2, 0.05, 0.5)}
    limits = {"quantile": (0.001, 0.999)}

    def encoding(self, normal: Rows, settings: Settings) -> Callable[[Rows], Rows]:
        """Return what tells errors, shape (texts, 1), 1 for an error."""
        scores = super().encoding(normal, settings)
        limit = float(np.quantile(scores(normal), float(settings["quantile"])))

        def errors(rows: Rows) -> Rows:
            return np.asarray(np.where(scores(rows) < limit, 1.0, 0.0))

        return errors

    def of_orders(self, streams: NDArray[np.float64], settings: Settings) -> NDArray[np.float64]:
        """Return the largest excess within the second half."""
        return np.asarray(excesses(streams)[:, streams.shape[1] // 2 :].max(axis=1))

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count some passes over the errors of all assignments."""
        values = 2.0 * problem.window * (PERMUTATIONS + 1)
        return Effort(work={"gemm_flop": self.score_flop(problem), "elementwise": 10.0 * values})


def excesses(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (p + s - p_min) / s_min after each text, 0 up to `WARM_START`; shape (streams, texts).

    p_min and s_min are those of the text where p + s was lowest so far.

    Args:
        errors: 0 or 1, shape (streams, texts).
    """
    number = np.arange(1, errors.shape[1] + 1)
    p = np.cumsum(errors, axis=1) / number
    s = np.sqrt(p * (1.0 - p) / number)
    total = np.where(number > WARM_START, p + s, np.inf)
    lowest = np.minimum.accumulate(total, axis=1)
    new = np.where(total <= lowest, np.arange(errors.shape[1]), 0)
    place = np.maximum.accumulate(new, axis=1)
    p_min, s_min = (np.take_along_axis(values, place, axis=1) for values in (p, s))
    found = (p + s - p_min) / np.maximum(s_min, 1.0 / number)
    return np.asarray(np.where(number > WARM_START, found, 0.0))
