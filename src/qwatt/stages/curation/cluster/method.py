"""What all ways to cluster share: points with the encoder's energy, the number of clusters, the plan."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort, Plan
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.quantum.algorithms.lloyd import Labels, Points
from qwatt.stages.curation.cluster.problem import TASK, ClusterAnswer, ClusterProblem

COMMON: dict[str, Sequence[Any]] = {"clusters": (0,)}
"""How many clusters; 0 is the source's own number, which is that of its classes where it has labels."""


class ClusterMethod(Method[ClusterProblem, ClusterAnswer]):
    """Base of the methods; one gives `find` and its `effort`. All work with one thread.

    Class attributes:
        assumes: what the plan assumes, for its note.
    """

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON
    assumes: ClassVar[str] = ""

    @abstractmethod
    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Return the cluster of each point, found inside energy windows."""

    @abstractmethod
    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Predict what `find` takes for points of this shape."""

    def run(self, problem: ClusterProblem, settings: Settings, context: Context) -> Solution[ClusterAnswer]:
        """Cluster all points; the frozen encoder's energy is charged to every method alike."""
        clusters, embedding = problem.number(int(settings["clusters"])), problem.embedding
        if embedding is not None:
            context.shared(Ring.LOADING, "embed", lambda: embedding.embed(_told(context)))
        with one_thread():
            found = self.find(problem.points, clusters, settings, context)
        answer = ClusterAnswer(np.asarray(found.answer, dtype=np.int64), clusters)
        return Solution(answer, found.counters, found.projected, found.notes)

    def plan(self, problem: ClusterProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the effort of one clustering; texts are embedded once, whatever the number of settings."""
        clusters = problem.number(int(settings["clusters"]))
        run = self.effort((len(problem), problem.dimensions), clusters, settings, shots)
        once = Effort() if problem.embedding is None else Effort(work=problem.embedding.work)
        return Plan(run, once=once, note=self.assumes)


def _told(context: Context) -> Any:
    return lambda done, total: context.progress(done, total, "texts embedded")
