"""Controls: the same heads and overlaps on random mixtures of the columns in place of their encoding."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.columns.twins import (
    ClosedForm,
    ColumnKernelSvmTwin,
    QuantumDistanceTwin,
    SimplifiedKernelSvmTwin,
)
from qwatt.stages.tuning.head.overlap_head import Arrays
from qwatt.stages.tuning.head.problem import HeadProblem, Vectors


class RandomMixtures(ClosedForm):
    """Base: every value of a row is a sum of its columns with random weights.

    A random feature map of the same size: what the encoding is worth is what these lose.
    """

    kind: ClassVar[Kind] = Kind.CONTROL

    def fit_features(self, problem: HeadProblem, settings: Settings, context: Context) -> Arrays:
        """Choose the columns and draw the weights from N(0, 1)."""
        arrays = super().fit_features(problem, settings, context)
        count = len(arrays["columns"])
        return arrays | {"weights": context.rng.normal(size=(count, count))}

    def features(self, arrays: Any, config: Settings, vectors: Vectors) -> NDArray[np.float64]:
        """Return the mixtures as rows of length 1."""
        mixed = super().features(arrays, config, vectors) @ arrays["weights"]
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


@method
class QuantumDistanceRandom(RandomMixtures, QuantumDistanceTwin):
    """The nearest training row by overlaps of random mixtures."""

    name = "quantum-distance-random"


@method
class SimplifiedKernelSvmRandom(RandomMixtures, SimplifiedKernelSvmTwin):
    """The class of the largest mean overlap of random mixtures."""

    name = "simplified-kernel-svm-random"


@method
class ColumnKernelSvmRandom(RandomMixtures, ColumnKernelSvmTwin):
    """The SVM on overlaps of random mixtures."""

    name = "column-kernel-svm-random"
