"""k-center: the next example is the one farthest from all chosen (Gonzalez 1985)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.features import KINDS, features
from qwatt.stages.curation.select.method import COMMON, Notes, SelectMethod
from qwatt.stages.curation.select.problem import Features, Indices, SelectAnswer, SelectProblem
from qwatt.stages.curation.select.quotas import groups


@method
class KCenter(SelectMethod):
    """Farthest first; the largest distance to a chosen example is at most twice the least possible."""

    name: ClassVar[str] = "k-center"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("doi:10.1016/0304-3975(85)90224-5", "arXiv:1708.00489")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {"features": KINDS, "by_label": (True, False)}

    def choose(
        self, problem: SelectProblem, settings: Settings, context: Context
    ) -> tuple[SelectAnswer, Notes]:
        """Choose group by group."""
        rows = features(problem, settings["features"], context)
        with context.phase(Ring.KERNEL, "choose"):
            parts = groups(problem, settings["by_label"])
            found = [farthest_first(rows[group], n) for group, n in parts]
            chosen = np.concatenate(
                [group[picked] for (group, _), (picked, _) in zip(parts, found, strict=True)]
            )
            distances = np.concatenate([distance for _, distance in found])
        return SelectAnswer(chosen, distances, "distance to those chosen before it"), {}

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """One distance of every example to every chosen one."""
        wide = problem.pool.embedding.dimensions
        return Effort(work={"gemm_flop": 3.0 * len(problem.pool) * problem.budget * wide})


def farthest_first(rows: Features, budget: int) -> tuple[Indices, NDArray[np.float64]]:
    """Return the choice in its order with distances; it begins with the example nearest to the mean.

    Args:
        rows: features, shape (examples, features).
        budget: number to choose.
    """
    squares = (rows**2).sum(axis=1)
    centre = rows.mean(axis=0)
    chosen = [int(np.argmin(squares - 2.0 * rows @ centre))]
    far = np.full(len(rows), np.inf)
    distances = [0.0]
    while len(chosen) < budget:
        last = chosen[-1]
        far = np.minimum(far, np.maximum(squares + squares[last] - 2.0 * rows @ rows[last], 0.0))
        far[last] = -1.0  # equal examples are at distance 0, and may be chosen; itself may not
        chosen.append(int(np.argmax(far)))
        distances.append(float(np.sqrt(far[chosen[-1]])))
    return np.array(chosen, dtype=np.int64), np.array(distances)
