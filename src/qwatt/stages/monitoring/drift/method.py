"""What all detectors share: features of the texts, a statistic, and its p-value by permutation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort, Plan
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.language import Vectors
from qwatt.stages.monitoring.drift.components import component_count, components
from qwatt.stages.monitoring.drift.permutation import Labels, labels, p_value
from qwatt.stages.monitoring.drift.problem import TASK, DriftAnswer, DriftProblem, Pair, PValues, Rows


class DriftMethod(Method[DriftProblem, DriftAnswer]):
    """Base of the detectors; one gives `statistics`.

    The setting "components", where there is one, is the number of whitened principal components that stand
    for a text; 0 takes its whole vector.
    """

    task: ClassVar[str] = TASK

    @abstractmethod
    def statistics(self, sample: NDArray[Any], assigned: Labels, settings: Settings) -> NDArray[np.float64]:
        """Return the statistic of each assignment of labels, shape (assignments,); large ones mean drift.

        Args:
            sample: of a pair, as `compared` returns it.
            assigned: shape (assignments, len(sample)).
            settings: the method's.
        """

    @abstractmethod
    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Return what the test of one pair takes."""

    def features(self, problem: DriftProblem, vectors: Vectors, settings: Settings) -> Rows:
        """Return what stands for the texts, shape (texts, features), whatever their labels."""
        rows = np.asarray(vectors, dtype=np.float64)
        count = int(settings.get("components", 0))
        return self.encoded(components(rows, problem.normal, count) if count else rows, settings)

    def encoded(self, rows: Rows, settings: Settings) -> Rows:
        """Return what is made of each row on its own, such as angles; shape (texts, features)."""
        return rows

    def compared(
        self, samples: Sequence[Rows], settings: Settings, context: Context
    ) -> Sequence[NDArray[Any]]:
        """Return what the statistics read of each pair: its features, or a kernel matrix of them."""
        return samples

    def run(self, problem: DriftProblem, settings: Settings, context: Context) -> Solution[DriftAnswer]:
        """Test the validation pairs."""
        return Solution(DriftAnswer(self._p_values(problem, problem.validation, settings, context)))

    def apply(
        self,
        problem: DriftProblem,
        solution: Solution[DriftAnswer],
        settings: Settings,
        context: Context,
    ) -> Solution[DriftAnswer]:
        """Test the held-back pairs."""
        found = self._p_values(problem, problem.test, settings, context)
        return replace(solution, answer=replace(solution.answer, test=found))

    def plan(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the tests' effort; the texts are embedded once, whatever the number of settings."""
        each = self.pair_effort(problem, settings, shots)
        run, applied = (_times(each, len(pairs)) for pairs in (problem.validation, problem.test))
        return Plan(run, applied, once=Effort(work=problem.embedding.work))

    def feature_count(self, problem: DriftProblem, settings: Settings) -> int:
        """Return the number of features of a text."""
        wide, count = problem.embedding.dimensions, int(settings.get("components", 0))
        return component_count(wide, problem.normal, count) if count else wide

    def _p_values(
        self, problem: DriftProblem, pairs: Sequence[Pair], settings: Settings, context: Context
    ) -> PValues:
        vectors = context.shared(Ring.LOADING, "embed", problem.embedding.embed)
        with context.phase(Ring.LOADING, "features"):
            rows = self.features(problem, vectors, settings)
            samples = [rows[np.concatenate([pair.reference, pair.window])] for pair in pairs]
        with context.phase(Ring.KERNEL, "test"):
            found = []
            for sample in self.compared(samples, settings, context):
                assigned = labels(len(sample), context.rng)
                found.append(p_value(self.statistics(sample, assigned, settings)))
                context.progress(len(found), len(pairs), "windows")
        return np.array(found)


def _times(effort: Effort, count: int) -> Effort:
    work = None if effort.work is None else {kind: count * units for kind, units in effort.work.items()}
    return Effort(effort.demand.times(count), work, count * effort.simulation_flops)
