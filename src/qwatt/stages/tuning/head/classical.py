"""Classical heads out of scikit-learn: fitted on standardised embeddings, tuned like every other method."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Context, Effort, Kind, Plan, Ring, Settings
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.problem import HeadAnswer, HeadProblem, Vectors


class SklearnHead(HeadMethod):
    """Base of the scikit-learn heads; a head gives its `estimator` and counts its parameters."""

    kind = Kind.CLASSICAL

    @abstractmethod
    def estimator(self, settings: Settings, seed: int) -> Any:
        """Return the unfitted scikit-learn classifier."""

    @abstractmethod
    def parameters(self, fitted: Any) -> int:
        """Count what was fitted."""

    @abstractmethod
    def operations(self, sentences: int, scored: int, dimensions: int, settings: Settings) -> float:
        """Count arithmetic operations of fitting on `sentences` and scoring `scored` embeddings."""

    def plan(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Plan:
        """Count operations; there are no circuits."""
        scored = len(problem.validation) + len(problem.test)
        dimensions = problem.train.vectors.shape[1]
        return Plan(
            Effort(work={"gemm_flop": self.operations(len(problem.train), scored, dimensions, settings)})
        )

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadAnswer:
        """Fit the classifier on standardised embeddings."""
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        model = make_pipeline(StandardScaler(), self.estimator(settings, context.seed))
        with context.phase(Ring.KERNEL, "train"):
            model.fit(problem.train.vectors, problem.train.labels)

        def scores(vectors: Vectors) -> NDArray[np.float64]:
            if hasattr(model, "decision_function"):
                return np.asarray(model.decision_function(vectors), dtype=float)
            return np.asarray(model.predict_proba(vectors)[:, 1] - 0.5, dtype=float)

        with context.phase(Ring.KERNEL, "validate"):
            validation = scores(problem.validation.vectors)
        return HeadAnswer(scores, validation, parameters=self.parameters(model[-1]))
