"""Facility location by lazy greedy: every example of the pool wants a chosen one that resembles it."""

from __future__ import annotations

import heapq
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

_CLIENTS = 2_000
"""Examples that want a facility at most; of a larger pool so many at random."""
_BLOCK = 1_024


@method
class FacilityLocation(SelectMethod):
    """Maximise sum_i max_(j chosen) s_ij, s the cosine where positive; greedy reaches 1 - 1/e of the best."""

    name: ClassVar[str] = "facility-location"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = (
        "doi:10.1007/BF01588971",
        "doi:10.1007/BFb0006528",
        "arXiv:1906.01827",
    )
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {"features": KINDS, "by_label": (True, False)}

    def choose(
        self, problem: SelectProblem, settings: Settings, context: Context
    ) -> tuple[SelectAnswer, Notes]:
        """Choose group by group."""
        rows = features(problem, settings["features"], context)
        with context.phase(Ring.KERNEL, "choose"):
            parts = groups(problem, settings["by_label"])
            found = [lazy_greedy(rows[group], n, context.rng) for group, n in parts]
            chosen = np.concatenate(
                [group[picked] for (group, _), (picked, _) in zip(parts, found, strict=True)]
            )
            gains = np.concatenate([gain for _, gain in found])
        return SelectAnswer(chosen, gains, "gain of similarity when it was chosen"), {}

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """One product of the clients with the pool, and again with what is looked at twice."""
        pool, wide = len(problem.pool), problem.pool.embedding.dimensions
        return Effort(work={"gemm_flop": 4.0 * min(pool, _CLIENTS) * pool * wide})


def lazy_greedy(rows: Features, budget: int, rng: np.random.Generator) -> tuple[Indices, NDArray[np.float64]]:
    """Return greedy's choice in its order, and its gains (Minoux 1978).

    A gain only falls while others are chosen, so that the best old gain need only be checked again when it is
    first in the queue.

    Args:
        rows: features, shape (examples, features).
        budget: number to choose.
        rng: draws the clients of a large group.
    """
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    clients = unit if len(unit) <= _CLIENTS else unit[rng.choice(len(unit), _CLIENTS, replace=False)]
    queue: list[tuple[float, int, int]] = []
    for start in range(0, len(unit), _BLOCK):
        first = np.maximum(clients @ unit[start : start + _BLOCK].T, 0.0).sum(axis=0)
        queue += [(-float(gain), start + j, 0) for j, gain in enumerate(first)]
    heapq.heapify(queue)
    best = np.zeros(len(clients))
    chosen: list[int] = []
    gains: list[float] = []
    while len(chosen) < budget:
        old, j, age = heapq.heappop(queue)
        similarity = clients @ unit[j]
        if age == len(chosen):
            chosen.append(j)
            gains.append(-old)
            best = np.maximum(best, similarity)
            continue
        heapq.heappush(queue, (-float(np.maximum(similarity - best, 0.0).sum()), j, len(chosen)))
    return np.array(chosen, dtype=np.int64), np.array(gains)
