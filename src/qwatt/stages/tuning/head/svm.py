"""Support vector machine with a Gaussian kernel: the classical twin of every kernel head."""

from __future__ import annotations

from typing import Any

from qwatt.core.method import Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.classical import SklearnHead


@method
class SvmHead(SklearnHead):
    """RBF-SVM on the whole embedding."""

    name = "svm-rbf"
    sources = ("scikit-learn SVC",)
    space = {"C": (1.0, 0.1, 10.0, 100.0), "gamma": ("scale", 0.0003, 0.001, 0.01)}

    def estimator(self, settings: Settings, seed: int) -> Any:
        """Return an SVC; gamma is per standardised feature, "scale" is one over their number."""
        from sklearn.svm import SVC

        return SVC(C=settings["C"], gamma=settings["gamma"])

    def operations(self, sentences: int, scored: int, dimensions: int, settings: Settings) -> float:
        """Count the kernel matrix, and one row a scored sentence; most sentences become support vectors."""
        return 3.0 * dimensions * sentences * (sentences + scored)

    def parameters(self, fitted: Any) -> int:
        """Count the support vectors' coefficients and the intercept, as arXiv:2504.08732 does."""
        return int(fitted.dual_coef_.size + 1)
