"""What a clustering method gets, points; and what it answers, a cluster for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.headline import counted
from qwatt.core.problem import Problem
from qwatt.language.embedding import Embedding
from qwatt.quantum.algorithms.lloyd import Labels, Points

TASK = "curation/cluster"


@dataclass(frozen=True)
class Scale:
    """How a table's columns became the dimensions of points: (value - mean) / deviation.

    Args:
        columns: names; empty for embeddings, which stay as they are.
        mean: shape (columns,).
        deviation: shape (columns,), 1 for a column that does not vary.
    """

    columns: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    def apply(self, values: NDArray[Any]) -> Points:
        """Return values of the table, shape (rows, columns), as points."""
        plain = np.asarray(values, dtype=np.float64)
        return (plain - np.array(self.mean)) / np.array(self.deviation) if self.mean else plain

    def undo(self, points: Points) -> Points:
        """Return points in the table's units."""
        return points * np.array(self.deviation) + np.array(self.mean) if self.mean else points


@dataclass(frozen=True, eq=False)
class ClusterProblem(Problem):
    """Points to group, from texts or from a table.

    Args:
        ids: name of each point in the source.
        clusters: how many clusters are asked for unless the user says otherwise.
        embedding: texts with their vectors, or None for a table.
        table: the points of a table, or None for texts.
        scale: how the table became points.
        truth: class of each point, which no method sees; None where the source has no labels.
        classes: names of the classes.
        rows: the user's own rows, or empty.
    """

    ids: tuple[str, ...]
    clusters: int
    embedding: Embedding | None = None
    table: Points | None = None
    scale: Scale = Scale()
    truth: Labels | None = None
    classes: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def points(self) -> Points:
        """All points; texts are embedded when this is first asked for."""
        if self.embedding is not None:
            return np.asarray(self.embedding.embed().value, dtype=np.float64)
        assert self.table is not None
        return self.table

    @property
    def dimensions(self) -> int:
        """Length of a point, known without embedding."""
        if self.embedding is not None:
            return self.embedding.dimensions
        assert self.table is not None
        return int(self.table.shape[1])

    def number(self, asked: int) -> int:
        """Return the number of clusters: what the user asked for, or the source's own for 0.

        Raises:
            QwattError: one cluster only, or more than different points.
        """
        number = asked or self.clusters
        if not 2 <= number <= self.distinct:
            raise QwattError(
                f"{counted(number, 'cluster')} of {self.distinct} different points",
                where=self.source,
                mend=f"ask for 2 to {self.distinct}, as in --set clusters={min(8, self.distinct)}",
            )
        return number

    @cached_property
    def distinct(self) -> int:
        """How many points differ from each other, by their texts where they have some."""
        if self.embedding is not None:
            return len(set(self.embedding.texts))
        return len(np.unique(self.points, axis=0))


@dataclass(frozen=True)
class ClusterAnswer:
    """A partition.

    Args:
        labels: cluster of each point, 0 to clusters - 1; a cluster may be empty.
        clusters: how many were asked for.
    """

    labels: Labels
    clusters: int
