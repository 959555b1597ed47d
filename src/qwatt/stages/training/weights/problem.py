"""What a search for weights gets, labelled rows and a network; and what it answers, the weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.language.embedding import Embedding
from qwatt.stages.training.weights.network import Floats, Labels, Weights
from qwatt.stages.training.weights.scaling import Scaling, projected, standardised

__all__ = ["TASK", "Floats", "Labels", "Part", "Weights", "WeightsAnswer", "WeightsProblem"]

TASK = "training/weights"


@dataclass(frozen=True, eq=False)
class Part:
    """Some of the rows.

    Args:
        ids: their names in the source.
        labels: class of each, shape (rows,).
        rows: their positions in the problem's table or embedding, shape (rows,).
    """

    ids: tuple[str, ...]
    labels: Labels
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class WeightsProblem(Problem):
    """A classifier to train.

    Args:
        train: what weights are found on.
        validation: what settings are chosen by; empty where all but the test is trained on.
        test: held back.
        classes: the labels as the source names them.
        hidden: units of each hidden layer.
        features: inputs of the network.
        columns: names of a table's columns; empty for texts.
        table: the rows' numbers, shape (rows, columns), or None for texts.
        embedding: the texts, or None for a table.
    """

    train: Part
    validation: Part
    test: Part
    classes: tuple[str, ...]
    hidden: tuple[int, ...]
    features: int
    columns: tuple[str, ...] = ()
    table: NDArray[np.float64] | None = None
    embedding: Embedding | None = None

    @property
    def widths(self) -> tuple[int, ...]:
        """Features, hidden units and classes: the network's widths."""
        return (self.features, *self.hidden, len(self.classes))

    @cached_property
    def scaling(self) -> Scaling:
        """How numbers become features, as fitted on the training rows; texts are embedded for it."""
        values = self._values(self.train)
        return standardised(values) if self.embedding is None else projected(values, self.features)

    def inputs(self, part: Part) -> Floats:
        """Return a part's features, shape (rows, features)."""
        return self.scaling.apply(self._values(part))

    def _values(self, part: Part) -> NDArray[np.float64]:
        every = self.table if self.embedding is None else self.embedding.embed().value
        assert every is not None
        return np.asarray(every[part.rows], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class WeightsAnswer:
    """A trained network.

    Args:
        method: name of the method that found it.
        weights: a matrix a layer, shape (inputs, units).
        curve: the objective on the training rows at the random start and after every epoch.
    """

    method: str
    weights: Weights
    curve: tuple[float, ...]
