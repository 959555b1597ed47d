"""What all heads share: charge the embedding, fit, validate, and label the held-back sentences."""

from __future__ import annotations

from abc import abstractmethod

from qwatt.core.method import Context, Method, Settings
from qwatt.core.problem import Problem, Solution
from qwatt.stages.tuning.head.problem import HeadAnswer, HeadProblem
from qwatt.stages.tuning.head.threads import one_thread


class HeadMethod(Method):
    """Base of the heads; a head gives `fit`. All heads, quantum or not, work with one thread."""

    task = "tuning/head"

    @abstractmethod
    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadAnswer:
        """Fit on `problem.train`, score `problem.validation`, and return the fitted head."""

    def run(self, problem: Problem, settings: Settings, context: Context) -> Solution:
        """Fit once; the frozen encoder's energy is charged to every head alike."""
        assert isinstance(problem, HeadProblem)
        note = "the frozen encoder, measured when these sentences were embedded"
        context.charge("embed", problem.embed_energy, problem.embed_seconds, note)
        with one_thread():
            answer = self.fit(problem, settings, context)
        return Solution(answer, notes={"parameters": answer.parameters})

    def apply(self, problem: Problem, solution: Solution, settings: Settings, context: Context) -> Solution:
        """Label the held-back sentences."""
        assert isinstance(problem, HeadProblem)
        answer: HeadAnswer = solution.answer
        with one_thread(), context.phase("predict"):
            answer.test = answer.scores(problem.test.vectors)
        solution.counters["predictions"] = len(problem.test)
        return solution
