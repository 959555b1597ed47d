"""Classifiers on the code of `tuning/head`: a re-uploading circuit, and an SVM on a fidelity kernel."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from qwatt.core.method import Settings
from qwatt.core.threads import one_thread
from qwatt.language.table_rows import Scale
from qwatt.sklearn.estimator import BACKEND, CircuitEstimator, Samples, bounded
from qwatt.stages.tuning.head.kernel_svm import KernelSvmHead
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.problem import TASK, HeadProblem, Part, Rows, Scores, Vectors
from qwatt.stages.tuning.head.reupload import ReuploadHead

_BLOCK = 64


class HeadClassifier(ClassifierMixin, CircuitEstimator):  # type: ignore[misc]
    """Base of the classifiers: rows are scaled to mean 0 and variance 1, a head is fitted and asked.

    Attributes:
        classes_: the labels, shape (classes,).
        model_: the fitted head, which is data.
    """

    @abstractmethod
    def _head(self) -> HeadMethod: ...

    @abstractmethod
    def _settings(self) -> Settings: ...

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on samples, shape (samples, features), and their labels, shape (samples,)."""
        rows, labels = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        bounded(rows)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"two classes or more are needed; the data has 1 class: {self.classes_[0]!r}")
        self._draw_seed()
        self.scale_ = Scale.of([f"x{i}" for i in range(rows.shape[1])], rows)
        with one_thread():
            self.model_ = self._head().fit(self._problem(rows, numbers), self._settings(), self._context())
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return scores, shape (samples, classes), or of two classes the second's over the first's."""
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the label of largest score of each sample."""
        best = self._scores(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def _scores(self, x: Any) -> Scores:
        check_is_fitted(self)
        rows = self._new(x)
        with one_thread():
            return self._decide(self.scale_.apply(rows))

    def _decide(self, vectors: Vectors) -> Scores:
        return self._head().decide(self.model_, vectors, self._context())

    def _problem(self, rows: Samples, numbers: NDArray[Any]) -> HeadProblem:
        """Return the samples as the training part of a problem whose other parts are empty."""
        table = Rows([""] * len(rows), rows, self.scale_)
        train = Part(tuple(map(str, range(len(rows)))), np.asarray(numbers, dtype=np.int64), table)
        empty = Part((), np.zeros(0, dtype=np.int64), table, len(rows))
        names = tuple(map(str, range(len(self.classes_))))
        return HeadProblem(TASK, "arrays", "full", self.seed_, train, empty, empty, names, table)


class ReuploadClassifier(HeadClassifier):
    """Trained re-uploading circuit with a linear layer (arXiv:2504.08732).

    Args:
        amplitudes: values that the first module loads, the leading components and a constant among them.
        constant: the constant, in units of a row's length.
        wires: qubits of the second module.
        encoders: first modules side by side, each on qubits of its own.
        reuploads: how often it loads its angles.
        layers: of the ansatz between two loads.
        connectivity: how far its entangling gates reach.
        learning_rate: of Adam.
        steps: of Adam, each on all samples.
        shots: of each circuit that labels; None for exact values. Training is exact.
        backend: where the circuits that label run.
        random_state: of the first angles and of the shots.
    """

    def __init__(
        self,
        amplitudes: int = 16,
        constant: float = 6.0,
        wires: int = 4,
        reuploads: int = 2,
        layers: int = 3,
        connectivity: int = 1,
        learning_rate: float = 0.05,
        steps: int = 80,
        shots: int | None = None,
        backend: str = BACKEND,
        random_state: Any = None,
        encoders: int = 1,
    ) -> None:
        self.amplitudes = amplitudes
        self.constant = constant
        self.wires = wires
        self.encoders = encoders
        self.reuploads = reuploads
        self.layers = layers
        self.connectivity = connectivity
        self.learning_rate = learning_rate
        self.steps = steps
        self.shots = shots
        self.backend = backend
        self.random_state = random_state

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the classes' probabilities, shape (samples, classes): the softmax of the scores."""
        return np.asarray(softmax(self._scores(X), axis=1))

    def _decide(self, vectors: Vectors) -> Scores:
        """Simulate exact values in blocks of one size: in single precision a row's depend on the batch's."""
        if self.shots is not None:
            return super()._decide(vectors)
        found = []
        for start in range(0, len(vectors), _BLOCK):
            part = vectors[start : start + _BLOCK]
            filled = np.pad(part, ((0, _BLOCK - len(part)), (0, 0)), mode="edge")
            found.append(super()._decide(filled)[: len(part)])
        return np.concatenate(found)

    def _head(self) -> HeadMethod:
        return ReuploadHead()

    def _settings(self) -> Settings:
        return {name: getattr(self, name) for name in ReuploadHead.space}


class FidelityKernelClassifier(HeadClassifier):
    """SVM on the fidelity kernel of leading whitened components, one a qubit (arXiv:1804.11326).

    Args:
        feature_map: "iqp", "angle" or "zz".
        wires: qubits, fewer where there are fewer components.
        bandwidth: what the components are multiplied by (arXiv:2111.05451).
        C: of the SVM.
        shots: of each circuit; None for exact values.
        backend: where the circuits run.
        random_state: of the shots.
    """

    def __init__(
        self,
        feature_map: str = "iqp",
        wires: int = 8,
        bandwidth: float = 0.25,
        C: float = 1.0,
        shots: int | None = None,
        backend: str = BACKEND,
        random_state: Any = None,
    ) -> None:
        self.feature_map = feature_map
        self.wires = wires
        self.bandwidth = bandwidth
        self.C = C
        self.shots = shots
        self.backend = backend
        self.random_state = random_state

    def _head(self) -> HeadMethod:
        return KernelSvmHead()

    def _settings(self) -> Settings:
        return {"map": self.feature_map, "wires": self.wires, "bandwidth": self.bandwidth, "C": self.C}
