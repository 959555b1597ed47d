"""What all heads share: charge the embedding, fit, validate, and label the held-back sentences."""

from __future__ import annotations

from abc import abstractmethod

from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.shared import Shared
from qwatt.stages.tuning.head.problem import HeadAnswer, HeadProblem
from qwatt.stages.tuning.head.threads import one_thread


class HeadMethod(Method[HeadProblem, HeadAnswer]):
    """Base of the heads; a head gives `fit`. All heads, quantum or not, work with one thread."""

    task = "tuning/head"

    @abstractmethod
    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadAnswer:
        """Fit on `problem.train`, score `problem.validation`, and return the fitted head."""

    def run(self, problem: HeadProblem, settings: Settings, context: Context) -> Solution[HeadAnswer]:
        """Fit once; the frozen encoder's energy is charged to every head alike."""
        note = "the frozen encoder, measured when these sentences were embedded"
        shared = Shared(None, problem.embed_energy, problem.embed_seconds, note)
        context.shared(Ring.LOADING, "embed", lambda: shared)
        with one_thread():
            answer = self.fit(problem, settings, context)
        return Solution(answer, notes={"parameters": answer.parameters})

    def apply(
        self, problem: HeadProblem, solution: Solution[HeadAnswer], settings: Settings, context: Context
    ) -> Solution[HeadAnswer]:
        """Label the held-back sentences."""
        answer = solution.answer
        with one_thread(), context.phase(Ring.KERNEL, "predict"):
            answer.test = answer.scores(problem.test.vectors)
        solution.counters["predictions"] = len(problem.test)
        return solution
