"""What all heads share: charge the embedding, fit, validate, and label the held-back sentences."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort, Plan
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import TASK, Embedding, HeadAnswer, HeadProblem, Part, Scores, Vectors

BLOCK = 4096
"""Sentences that are labelled at once, so that memory does not grow with the user's file."""


class HeadMethod(Method[HeadProblem, HeadAnswer]):
    """Base of the heads: a head fits a `HeadModel`, which is data, and decides from nothing else.

    All heads, quantum or not, work with one thread.

    Class attributes:
        reads_circuits: whether scores are read from circuits, so that shots and noise change them.
        noisy_sentences: how many test sentences a noisy QPU reads as an extra row; 0 where it takes too long.
        frozen_encoder: whether it takes the frozen encoder's vectors, which it is then charged for.
        only: what a study runs it on where nobody names it: texts, tables, or None for both.
        assumes: what the plan assumes, for its note.
    """

    task = TASK
    reads_circuits: ClassVar[bool] = False
    noisy_sentences: ClassVar[int] = 200
    frozen_encoder: ClassVar[bool] = True
    only: ClassVar[Literal["texts", "tables"] | None] = None
    assumes: ClassVar[str] = ""

    @abstractmethod
    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Fit on `problem.train`, inside energy windows."""

    @abstractmethod
    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return a score for each class, shape (sentences, classes), of embedded sentences."""

    def circuit_wires(self, model: HeadModel) -> int:
        """Return the qubits of the circuits that `decide` reads, where `reads_circuits`."""
        return 0

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Predict what `fit` takes; a head that cannot say it is measured only."""
        return Effort(work=None)

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Predict what deciding on so many sentences takes."""
        return Effort(work=None)

    def run(self, problem: HeadProblem, settings: Settings, context: Context) -> Solution[HeadAnswer]:
        """Fit once; the frozen encoder's energy is charged to every head alike."""
        found = problem.embedding
        if self.frozen_encoder and isinstance(found, Embedding):
            context.shared(Ring.LOADING, "embed", lambda: found.embed(_told(context)))
        with one_thread():
            model = self.fit(problem, settings, context)
        validation = self.label(model, problem.validation, context, "validate")
        return Solution(HeadAnswer(model, validation), notes={"parameters": model.parameters})

    def apply(
        self, problem: HeadProblem, solution: Solution[HeadAnswer], settings: Settings, context: Context
    ) -> Solution[HeadAnswer]:
        """Label the held-back sentences."""
        test = self.label(solution.answer.model, problem.test, context, "predict")
        counters = solution.counters | {"predictions": len(problem.test)}
        return replace(solution, answer=replace(solution.answer, test=test), counters=counters)

    def label(self, model: HeadModel, part: Part, context: Context, phase: str) -> Scores:
        """Return the scores of a part's sentences, decided block by block in a window named `phase`."""
        vectors = part.vectors
        starts = range(0, len(vectors), BLOCK)
        with one_thread(), context.phase(Ring.KERNEL, phase):
            found = [self.decide(model, vectors[start : start + BLOCK], context) for start in starts]
        return np.concatenate(found) if found else np.zeros((0, len(model.classes)))

    def plan(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Plan:
        """Add up fitting and deciding; the sentences are embedded once, whatever the number of settings."""
        validation, test = len(problem.validation), len(problem.test)
        return Plan(
            run=self.fit_effort(problem, settings, shots)
            + self.decide_effort(problem, settings, validation, shots),
            apply=self.decide_effort(problem, settings, test, shots),
            once=Effort(work=problem.embedding.work) if self.frozen_encoder else Effort(),
            note=self.assumes,
        )

    def model(
        self,
        problem: HeadProblem,
        arrays: Mapping[str, NDArray[Any]],
        parameters: int,
        **config: Any,
    ) -> HeadModel:
        """Return a fitted head of this method for the problem's classes and encoder."""
        encoder = problem.embedding.encoder
        plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        scale = {} if problem.scale is None else problem.scale.record()
        return HeadModel(self.name, problem.classes, encoder, int(parameters), plain, config, scale)


def class_scores(outputs: NDArray[Any]) -> Scores:
    """Return a column for each class.

    Args:
        outputs: one column a class, or for two classes one alone, positive for the second, which is halved
            to both sides so that the softmax of the columns is its logistic function.
    """
    found = np.asarray(outputs, dtype=np.float64)
    if found.ndim == 1 or found.shape[1] == 1:
        half = found.reshape(-1, 1) / 2.0
        return np.hstack([-half, half])
    return found


def _told(context: Context) -> Any:
    return lambda done, total: context.progress(done, total, "sentences embedded")
