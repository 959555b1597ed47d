"""Multi-layer perceptron with one hidden layer."""

from __future__ import annotations

from typing import Any

from qwatt.core.method import Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.classical import SklearnHead


@method
class MlpHead(SklearnHead):
    """One hidden layer of ReLU, trained by Adam with early stopping off."""

    name = "mlp"
    sources = ("scikit-learn MLPClassifier", "arXiv:2504.08732 (its widths)")
    space = {
        "hidden": (48, 96, 144, 192),
        "alpha": (1.0, 1e-3, 1e-1, 10.0),
        "learning_rate": (1e-3, 3e-3),
    }

    def estimator(self, settings: Settings, seed: int) -> Any:
        """Return an MLP; alpha is the L2 penalty."""
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier(
            (settings["hidden"],),
            alpha=settings["alpha"],
            learning_rate_init=settings["learning_rate"],
            max_iter=5000,
            random_state=seed,
        )

    def operations(self, sentences: int, scored: int, dimensions: int, settings: Settings) -> float:
        """Count about 100 epochs of forward and backward passes, 6 operations a weight and sentence."""
        weights = (dimensions + 1) * int(settings["hidden"])
        return weights * (100 * 6.0 * sentences + 2.0 * scored)

    def parameters(self, fitted: Any) -> int:
        """Count weights and biases."""
        return int(sum(w.size for w in [*fitted.coefs_, *fitted.intercepts_]))
