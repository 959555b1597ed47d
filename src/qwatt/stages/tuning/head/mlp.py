"""Multi-layer perceptron with one hidden layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.method import HeadMethod, class_scores
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors
from qwatt.stages.tuning.head.standardise import fit_scale, scaled

if TYPE_CHECKING:
    from sklearn import neural_network
else:
    neural_network = lazy("sklearn.neural_network")

_EPOCHS = 150
"""About as many as it takes until ten epochs bring nothing (80 to 280 on film reviews)."""
_BATCH = 200


@method
class MlpHead(HeadMethod):
    """One hidden layer of ReLU, trained by Adam with early stopping off."""

    name = "mlp"
    kind = Kind.CLASSICAL
    sources = ("scikit-learn MLPClassifier", "arXiv:2504.08732 (its widths)")
    space = {
        "hidden": (48, 96, 144, 192),
        "alpha": (1.0, 1e-3, 1e-1, 10.0),
        "learning_rate": (1e-3, 3e-3),
    }
    limits = {"alpha": (0.0, math.inf), "hidden": (1, 10_000)}
    assumes = f"{_EPOCHS} epochs of Adam"

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Fit on standardised embeddings; alpha is the L2 penalty."""
        with context.phase(Ring.KERNEL, "train"):
            scale = fit_scale(problem.train.vectors)
            estimator = neural_network.MLPClassifier(
                (settings["hidden"],),
                alpha=settings["alpha"],
                learning_rate_init=settings["learning_rate"],
                max_iter=5000,
                random_state=context.seed,
            )
            x = scaled(scale, problem.train.vectors).astype(np.float32)
            fitted = estimator.fit(x, problem.train.labels)
        (first, second), (shift, offset) = fitted.coefs_, fitted.intercepts_
        arrays = {"hidden": first, "hidden_bias": shift, "output": second, "output_bias": offset}
        return self.model(problem, scale | arrays, sum(array.size for array in arrays.values()))

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return the logits."""
        arrays = model.arrays
        hidden = np.maximum(scaled(arrays, vectors) @ arrays["hidden"] + arrays["hidden_bias"], 0.0)
        return class_scores(hidden @ arrays["output"] + arrays["output_bias"])

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count forward and backward passes: 6 operations a weight, sentence and epoch."""
        weights, sentences = _weights(problem, settings), len(problem.train)
        steps = _EPOCHS * -(-sentences // min(_BATCH, sentences))
        return Effort(work={"gemm_flop": 6.0 * _EPOCHS * weights * sentences, "iteration": steps, "fit": 1.0})

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Count one forward pass."""
        return Effort(work={"gemm_flop": 2.0 * sentences * _weights(problem, settings)})


def _weights(problem: HeadProblem, settings: Settings) -> float:
    return float((problem.dimensions + problem.outputs) * int(settings["hidden"]))
