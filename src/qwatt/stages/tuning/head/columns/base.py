"""What the heads on few columns share: both encodings, and overlaps with every training row."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.tuning.head.columns.choice import choose_columns, table_arrays, unit_rows
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.overlap_head import Arrays, OverlapHead
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import feature_maps
else:
    feature_maps = lazy("qwatt.quantum.circuits.feature_maps")

SOURCE = "doi:10.1038/s41598-022-05971-9"
LOG2N, N = "log2n", "n"
SPACE = {"map": (LOG2N, N), "features": (8, 4)}
"""Of all heads on columns."""


class ColumnHead(OverlapHead):
    """Base: N columns as the amplitudes of log2 N qubits ("log2n"), or one a qubit by H, RZ and CNOT ("n").

    The published names of the encodings. The first reads |<x|y>|^2 of rows of length 1; of the second, whose
    CNOTs permute phases alone, the overlap is a product of cosines.
    """

    limits: ClassVar[Mapping[str, Limit]] = {"features": (2, 10)}
    assumes = "a row is compared with every training row"

    only = "tables"  # single values of an embedding mean nothing

    def fit_features(self, problem: HeadProblem, settings: Settings, context: Context) -> Arrays:
        """Choose the columns."""
        return choose_columns(problem, int(settings["features"])) | table_arrays(problem)

    def features(self, arrays: Any, config: Settings, vectors: Vectors) -> NDArray[np.float64]:
        """Return the chosen columns as rows of length 1."""
        return unit_rows(arrays, vectors)

    def values(self, problem: HeadProblem, settings: Settings) -> int:
        """Return the columns, as many as there are at most."""
        return min(int(settings["features"]), problem.dimensions)

    def feature_map(self, name: str, values: int) -> Circuit:
        """Return the amplitudes' tree, or a qubit for each value."""
        if name == N:
            return feature_maps.cnot_phase_map(values)
        return feature_maps.amplitude_map(max(1, (values - 1).bit_length()), values)


class NeighbourHead(ColumnHead):
    """Base of the heads without training: a class's score comes from the overlaps with its rows."""

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Keep the training rows as they are encoded."""
        with context.phase(Ring.LOADING, "encode"):
            arrays = self.fit_features(problem, settings, context)
            arrays |= {"train": self.features(arrays, settings, problem.train.vectors)}
            arrays |= {"labels": problem.train.labels}
        return self.model(problem, arrays, 0, shots=context.shots, **settings)

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return what `class_score` makes of each class's overlaps."""
        with context.phase(Ring.LOADING, "encode"):
            x = self.features(model.arrays, model.config, vectors)
        found = self.overlaps(str(model.config["map"]), x, model.arrays["train"], context)
        labels = model.arrays["labels"]
        own = [self.class_score(found[:, labels == c]) for c in range(len(model.classes))]
        return np.stack(own, axis=1)

    @abstractmethod
    def class_score(self, overlaps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a class's score, shape (rows,), from overlaps with its training rows, shape (rows, own)."""

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the analysis of variance, about ten operations a value."""
        return Effort(work={"gemm_flop": 10.0 * len(problem.train) * problem.dimensions})
