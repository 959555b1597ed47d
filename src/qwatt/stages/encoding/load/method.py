"""What all encodings share: encode the stored vectors once, then compare queries with all of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from numpy.typing import NDArray

from qwatt.core.effort import Effort, Plan
from qwatt.core.method import Context, Method, Settings
from qwatt.core.problem import Solution
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.problem import TASK, LoadAnswer, LoadProblem, Similarities, Vectors


class LoadMethod(Method[LoadProblem, LoadAnswer]):
    """Base of the encodings: `encode` returns a `Code`, which is data, and `compare` reads nothing else.

    Class attributes:
        reads_circuits: whether inner products are read from circuits, so that shots and noise change them.
        assumes: what the plan assumes, for its note.
    """

    task = TASK
    reads_circuits: ClassVar[bool] = False
    assumes: ClassVar[str] = ""

    @abstractmethod
    def encode(self, problem: LoadProblem, settings: Settings, context: Context) -> Code:
        """Encode `problem.stored`, inside energy windows of the ring of loading."""

    @abstractmethod
    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Return the estimated inner products of queries with all stored vectors."""

    def further(self, code: Code) -> Mapping[str, Any]:
        """Return what else there is to say of a code, by name; worked out at scoring, charged to nobody."""
        return {}

    def encode_effort(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Effort:
        """Predict what `encode` takes; a method that cannot say it is measured only."""
        return Effort(work=None)

    def compare_effort(
        self, problem: LoadProblem, settings: Settings, queries: int, shots: int | None
    ) -> Effort:
        """Predict what comparing so many queries takes."""
        return Effort(work=None)

    def run(self, problem: LoadProblem, settings: Settings, context: Context) -> Solution[LoadAnswer]:
        """Encode once and answer the validation queries."""
        code = self.encode(problem, settings, context)
        return Solution(LoadAnswer(code, self.compare(code, problem.validation, context)))

    def apply(
        self, problem: LoadProblem, solution: Solution[LoadAnswer], settings: Settings, context: Context
    ) -> Solution[LoadAnswer]:
        """Answer the held-back queries."""
        test = self.compare(solution.answer.code, problem.test, context)
        counters = solution.counters | {"predictions": test.size}
        return replace(solution, answer=replace(solution.answer, test=test), counters=counters)

    def plan(self, problem: LoadProblem, settings: Settings, shots: int | None) -> Plan:
        """Add up encoding and comparing."""
        validation, test = len(problem.validation), len(problem.test)
        return Plan(
            run=self.encode_effort(problem, settings, shots)
            + self.compare_effort(problem, settings, validation, shots),
            apply=self.compare_effort(problem, settings, test, shots),
            note=self.assumes,
        )

    def code(
        self, problem: LoadProblem, arrays: Mapping[str, NDArray[Any]], bytes_read: float, **config: Any
    ) -> Code:
        """Return a code of this method."""
        return Code(self.name, len(problem.stored), float(bytes_read), dict(arrays), config)
