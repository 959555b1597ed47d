"""What all detectors share: fit on clean rows, set the threshold on others, score the mixed ones."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort, Plan
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.language.table_rows import Rows as TableRows
from qwatt.stages.monitoring.anomaly.model import Arrays, Detector, Fitted, Rows, Scores
from qwatt.stages.monitoring.anomaly.problem import TASK, AnomalyAnswer, AnomalyProblem

BLOCK = 4096
"""Rows that are scored at once, so that memory does not grow with the user's file."""


class AnomalyMethod(Method[AnomalyProblem, AnomalyAnswer]):
    """Base of the detectors; one gives `fit` and `score` and their efforts. All work with one thread.

    Class attributes:
        reads_circuits: whether scores are read from circuits, so that shots change them.
        assumes: what the plan assumes, for its note.
    """

    task: ClassVar[str] = TASK
    reads_circuits: ClassVar[bool] = False
    assumes: ClassVar[str] = ""

    @abstractmethod
    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Fit on clean rows, shape (rows, dimensions), inside energy windows."""

    @abstractmethod
    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Return how strange each row is, from what `fit` returned."""

    @abstractmethod
    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Predict what `fit` takes for rows of this shape."""

    @abstractmethod
    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Predict what scoring so many rows takes after a fit on rows of this shape."""

    def detector(
        self, clean: Rows, calibration: Rows, settings: Settings, context: Context, encoder: str
    ) -> Detector:
        """Return a detector fitted on clean rows, its threshold set by others."""
        with one_thread():
            found = self.fit(clean, settings, context)
        plain, shots = dict(settings), context.shots
        fitted = Detector(self.name, encoder, plain, shots, found.arrays, np.zeros(0), found.facts)
        scores = self.scores(fitted, calibration, context, "calibrate")
        return replace(fitted, calibration=np.sort(scores))

    def scores(self, detector: Detector, rows: Rows, context: Context, phase: str) -> Scores:
        """Return the scores of rows, block by block, in a window named `phase`."""
        found = [np.zeros(0)]
        with one_thread(), context.phase(Ring.KERNEL, phase):
            for start in range(0, len(rows), BLOCK):
                part = rows[start : start + BLOCK]
                found.append(self.score(detector.arrays, detector.settings, part, context))
                context.progress(min(start + BLOCK, len(rows)), len(rows), "texts scored")
        return np.concatenate(found)

    def run(self, problem: AnomalyProblem, settings: Settings, context: Context) -> Solution[AnomalyAnswer]:
        """Fit, calibrate, and score the validation texts; the encoder is charged to all detectors alike."""
        rows, counts = self._rows(problem, context), problem.counts
        train, calibration = rows[counts.part("train")], rows[counts.part("calibration")]
        detector = self.detector(train, calibration, settings, context, problem.embedding.encoder)
        detector = replace(detector, scale=problem.scale)
        validation = self.scores(detector, rows[counts.part("validation")], context, "validate")
        return Solution(AnomalyAnswer(detector, validation), notes=dict(detector.facts))

    def apply(
        self,
        problem: AnomalyProblem,
        solution: Solution[AnomalyAnswer],
        settings: Settings,
        context: Context,
    ) -> Solution[AnomalyAnswer]:
        """Score the held-back texts."""
        rows = self._rows(problem, context)[problem.counts.part("test")]
        test = self.scores(solution.answer.detector, rows, context, "predict")
        return replace(solution, answer=replace(solution.answer, test=test))

    def plan(self, problem: AnomalyProblem, settings: Settings, shots: int | None) -> Plan:
        """Add up fitting and scoring; the texts are embedded once, whatever the number of settings."""
        counts = problem.counts
        shape = counts.train, problem.embedding.dimensions
        scored = [
            self.score_effort(shape, settings, rows, shots)
            for rows in (counts.calibration, counts.validation, counts.test)
        ]
        return Plan(
            run=self.fit_effort(shape, settings, shots) + scored[0] + scored[1],
            apply=scored[2],
            once=Effort(work=problem.embedding.work),
            note=self.assumes,
        )

    def _rows(self, problem: AnomalyProblem, context: Context) -> Rows:
        found = problem.embedding
        if isinstance(found, TableRows):  # nothing is embedded, so nothing is charged
            return problem.vectors
        vectors = context.shared(Ring.LOADING, "embed", lambda: found.embed(_told(context)))
        return np.asarray(vectors, dtype=np.float64)


def _told(context: Context) -> Any:
    return lambda done, total: context.progress(done, total, "texts embedded")
