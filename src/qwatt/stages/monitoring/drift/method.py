"""What all detectors share: features of the texts, a statistic, and its p-value by permutation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort, Plan
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.language import Vectors
from qwatt.stages.monitoring.drift.components import Components, component_count
from qwatt.stages.monitoring.drift.permutation import PERMUTATIONS, Labels, label_values, labels, p_value
from qwatt.stages.monitoring.drift.problem import TASK, DriftAnswer, DriftProblem, Pair, PValues, Rows


@dataclass(frozen=True)
class Evidence:
    """What a test of one pair found.

    Args:
        statistic: large ones mean drift.
        p_value: no likelier at the level or below than the level, where there is no drift.
    """

    statistic: float
    p_value: float


class DriftMethod(Method[DriftProblem, DriftAnswer]):
    """Base of the detectors; one gives `statistics`.

    The setting "components", where there is one, is the number of whitened principal components that stand
    for a text; 0 takes its whole vector.
    """

    task: ClassVar[str] = TASK
    permutations: ClassVar[int] = PERMUTATIONS
    """Random assignments of labels beside the observed one."""
    measures_labels: ClassVar[bool] = False
    """Whether every assignment is measured anew, so that there are no more of them than `permutations`."""

    @abstractmethod
    def statistics(self, sample: Any, assigned: Labels, settings: Settings) -> NDArray[np.float64]:
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
        """Return what stands for the texts, shape (texts, features), whatever their labels.

        All texts like the reference count alike, those of null windows too: so the labels that are permuted
        stay exchangeable.
        """
        rows = np.asarray(vectors, dtype=np.float64)
        return self.encoding(rows[: problem.normal], settings)(rows)

    def encoding(self, normal: Rows, settings: Settings) -> Callable[[Rows], Rows]:
        """Return what turns vectors into features one by one, found from vectors like the reference."""
        count = int(settings.get("components", 0))
        return Components.of(normal, count).rounded if count else lambda rows: rows

    def compared(self, samples: Sequence[Rows], settings: Settings, context: Context) -> Sequence[Any]:
        """Return what the statistics read of each pair: its features, or a kernel matrix of them."""
        return samples

    def evidence(self, sample: Any, settings: Settings, rng: np.random.Generator, least: int = 0) -> Evidence:
        """Test a pair, the first half of whose texts is the reference.

        Args:
            sample: as `compared` returned it.
            settings: the method's.
            rng: generator of the permutations.
            least: permutations that the level takes, where `permutations` are too few.
        """
        assigned = labels(len(sample), rng, max(self.permutations, least))
        found = self.statistics(sample, assigned, settings)
        return Evidence(float(found[0]), p_value(found))

    def remarks(self, compared: Sequence[Any], settings: Settings, shots: int | None) -> dict[str, Any]:
        """Return what the record should say of what was compared."""
        return {}

    def run(self, problem: DriftProblem, settings: Settings, context: Context) -> Solution[DriftAnswer]:
        """Test the validation pairs."""
        found, notes = self._tested(problem, problem.validation, settings, context)
        return Solution(DriftAnswer(found), notes=notes)

    def apply(
        self,
        problem: DriftProblem,
        solution: Solution[DriftAnswer],
        settings: Settings,
        context: Context,
    ) -> Solution[DriftAnswer]:
        """Test the held-back pairs."""
        found, notes = self._tested(problem, problem.test, settings, context)
        return replace(
            solution, answer=replace(solution.answer, test=found), notes={**solution.notes, **notes}
        )

    def plan(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the tests' effort; the texts are embedded once, whatever the number of settings."""
        drawn = Effort(work={"elementwise": label_values(2 * problem.window)})
        each = self.pair_effort(problem, settings, shots) + drawn
        run, applied = (_times(each, len(pairs)) for pairs in (problem.validation, problem.test))
        return Plan(run, applied, once=Effort(work=problem.embedding.work))

    def feature_count(self, problem: DriftProblem, settings: Settings) -> int:
        """Return the number of features of a text."""
        wide, count = problem.embedding.dimensions, int(settings.get("components", 0))
        return component_count(wide, problem.normal, count) if count else wide

    def _tested(
        self, problem: DriftProblem, pairs: Sequence[Pair], settings: Settings, context: Context
    ) -> tuple[PValues, dict[str, Any]]:
        """Return the p-value of each pair, and the remarks."""
        vectors = context.shared(Ring.LOADING, "embed", problem.embedding.embed)
        with context.phase(Ring.LOADING, "features"):
            rows = self.features(problem, vectors, settings)
            samples = [rows[np.concatenate([pair.reference, pair.window])] for pair in pairs]
        with context.phase(Ring.KERNEL, "test"):
            found = []
            compared = self.compared(samples, settings, context)
            for sample in compared:
                found.append(self.evidence(sample, settings, context.rng).p_value)
                context.progress(len(found), len(pairs), "windows")
            return np.array(found), self.remarks(compared, settings, context.shots)


def _times(effort: Effort, count: int) -> Effort:
    work = None if effort.work is None else {kind: count * units for kind, units in effort.work.items()}
    return Effort(effort.demand.times(count), work, count * effort.simulation_flops)
