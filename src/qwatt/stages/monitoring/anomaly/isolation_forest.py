"""Isolation forest (Liu, Ting and Zhou, ICDM 2008)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Arrays, Fitted, Rows, Scores

if TYPE_CHECKING:
    from sklearn import ensemble
else:
    ensemble = lazy("sklearn.ensemble")


@method
class IsolationForest(AnomalyMethod):
    """How few random cuts set a text apart, in the mean of all trees."""

    name = "isolation-forest"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1109/ICDM.2008.17",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"trees": (100, 300), "samples": (256, 64)}
    limits: ClassVar[Mapping[str, Limit]] = {"trees": (1, 10_000)}

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Grow the trees and keep them as arrays, a row a tree, padded."""
        with context.phase(Ring.KERNEL, "train"):
            samples = min(int(settings["samples"]), len(rows))
            forest = ensemble.IsolationForest(
                n_estimators=int(settings["trees"]),
                max_samples=samples,
                random_state=int(context.rng.integers(2**31)),
            ).fit(rows)
        return Fitted(_tables(forest) | {"path": np.array([_average_path(samples)])})

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Return 2^(-mean depth / c(samples)), the paper's score (equation 2)."""
        values = np.asarray(rows, dtype=np.float32)  # as the trees were grown
        total, each = np.zeros(len(rows)), np.arange(len(rows))
        for left, right, feature, cut, depth in zip(
            *(arrays[name] for name in ("left", "right", "feature", "cut", "depth")), strict=True
        ):
            node = np.zeros(len(rows), dtype=np.int64)
            while (inner := left[node] >= 0).any():
                below = values[each, feature[node]] <= cut[node]
                node = np.where(inner, np.where(below, left[node], right[node]), node)
            total += depth[node]
        return np.asarray(2.0 ** (-total / (len(arrays["left"]) * float(arrays["path"][0]))))

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Count a fit a tree, a third of a pipeline's."""
        return Effort(work={"fit": float(settings["trees"]) / 3.0})

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Count about six passes a level of each tree."""
        levels = int(settings["trees"]) * 2.0 * np.log2(min(int(settings["samples"]), shape[0]) + 1)
        return Effort(work={"elementwise": 6.0 * rows * levels, "iteration": 0.1 * levels})


def _average_path(samples: int | NDArray[np.int64]) -> Any:
    """Return c(n) of equation 1, the mean depth of a search tree that finds nothing; 0 for one sample."""
    n = np.maximum(np.asarray(samples, dtype=np.float64), 2.0)
    mean = 2.0 * (np.log(n - 1.0) + np.euler_gamma) - 2.0 * (n - 1.0) / n
    return np.where(np.asarray(samples) <= 1, 0.0, np.where(np.asarray(samples) == 2, 1.0, mean))


def _tables(forest: Any) -> dict[str, NDArray[Any]]:
    """Return children, features, cuts and expected depths of all nodes, shape (trees, nodes)."""
    nodes = max(tree.tree_.node_count for tree in forest.estimators_)
    shape = len(forest.estimators_), nodes
    tables: dict[str, NDArray[Any]] = {
        "left": np.full(shape, -1),
        "right": np.full(shape, -1),
        "feature": np.zeros(shape, dtype=np.int64),
        "cut": np.zeros(shape),
        "depth": np.zeros(shape),
    }
    for i, (grown, columns) in enumerate(zip(forest.estimators_, forest.estimators_features_, strict=True)):
        tree = grown.tree_
        part = slice(tree.node_count)
        tables["left"][i, part], tables["right"][i, part] = tree.children_left, tree.children_right
        tables["feature"][i, part] = np.asarray(columns)[np.maximum(tree.feature, 0)]
        tables["cut"][i, part] = tree.threshold
        depth = np.zeros(tree.node_count)
        for node in range(tree.node_count):  # a child comes after its parent
            for child in (tree.children_left[node], tree.children_right[node]):
                if child >= 0:
                    depth[child] = depth[node] + 1.0
        tables["depth"][i, part] = depth + _average_path(tree.n_node_samples)
    return tables
