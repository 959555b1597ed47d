"""Logistic regression: the head that is hardest to beat per joule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.method import HeadMethod, class_scores
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors
from qwatt.stages.tuning.head.standardise import fit_scale, scaled

if TYPE_CHECKING:
    from sklearn import linear_model
else:
    linear_model = lazy("sklearn.linear_model")


@method
class LogisticHead(HeadMethod):
    """L2-regularised logistic regression on the whole embedding; with several classes their softmax."""

    name = "logistic"
    kind = Kind.CLASSICAL
    sources = ("scikit-learn LogisticRegression",)
    space = {"C": (0.01, 0.001, 0.1, 1.0, 10.0)}
    assumes = "20 steps of L-BFGS"

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Fit on standardised embeddings; C is the inverse regularisation strength."""
        with context.phase(Ring.KERNEL, "train"):
            scale = fit_scale(problem.train.vectors)
            estimator = linear_model.LogisticRegression(C=settings["C"], max_iter=1000)
            fitted = estimator.fit(scaled(scale, problem.train.vectors), problem.train.labels)
        arrays = {"coefficients": fitted.coef_, "intercepts": fitted.intercept_}
        return self.model(problem, scale | arrays, fitted.coef_.size + fitted.intercept_.size)

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return the logits."""
        arrays = model.arrays
        return class_scores(scaled(arrays, vectors) @ arrays["coefficients"].T + arrays["intercepts"])

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count L-BFGS: each step is a product with the data and one with its transpose, for each output."""
        steps = 20
        products = 4.0 * len(problem.train) * problem.dimensions * problem.outputs
        return Effort(work={"gemm_flop": steps * products, "iteration": steps, "fit": 1.0})

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Count one product with the coefficients."""
        return Effort(work={"gemm_flop": 2.0 * sentences * problem.dimensions * problem.outputs})
