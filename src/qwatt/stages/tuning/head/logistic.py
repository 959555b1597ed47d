"""Logistic regression: the head that is hardest to beat per joule."""

from __future__ import annotations

from typing import Any

from qwatt.core.method import Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.classical import SklearnHead


@method
class LogisticHead(SklearnHead):
    """L2-regularised logistic regression on the whole embedding."""

    name = "logistic"
    sources = ("scikit-learn LogisticRegression",)
    space = {"C": (0.01, 0.001, 0.1, 1.0, 10.0)}

    def estimator(self, settings: Settings, seed: int) -> Any:
        """Return a logistic regression; C is the inverse regularisation strength."""
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=settings["C"], max_iter=1000)

    def operations(self, sentences: int, scored: int, dimensions: int, settings: Settings) -> float:
        """Count about 50 steps of L-BFGS, each a product with the data and one with its transpose."""
        return 50 * 4.0 * sentences * dimensions + 2.0 * scored * dimensions

    def parameters(self, fitted: Any) -> int:
        """Count the weights and the intercept."""
        return int(fitted.coef_.size + fitted.intercept_.size)
