"""Which columns are encoded, and as what: the ones that tell classes apart best, as rows of length 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.tuning.head.problem import HeadProblem, Vectors
from qwatt.stages.tuning.head.rows import own_numbers

if TYPE_CHECKING:
    from sklearn import feature_selection
else:
    feature_selection = lazy("sklearn.feature_selection")


def choose_columns(problem: HeadProblem, count: int) -> dict[str, NDArray[Any]]:
    """Return `columns`, indices in the order of their rank, and `lengths`, the columns' own, shape (count,).

    The rank is the F statistic of an analysis of variance on the training rows alone, the default of
    scikit-learn: the publication does not say how its columns were chosen.

    Args:
        problem: its training part is looked at.
        count: columns wanted, fewer where there are fewer.
    """
    table = table_arrays(problem)
    rows = own_numbers(table, problem.train.vectors)
    with np.errstate(divide="ignore", invalid="ignore"):
        varying = np.ptp(rows, axis=0) > 0
        ranks = np.full(rows.shape[1], -1.0)
        ranks[varying] = feature_selection.f_classif(rows[:, varying], problem.train.labels)[0]
    columns = np.argsort(-np.nan_to_num(ranks, nan=-1.0), kind="stable")[:count]
    lengths = np.sqrt((rows[:, columns] ** 2).mean(axis=0))
    return {"columns": columns, "lengths": np.where(lengths > 0, lengths, 1.0)}


def table_arrays(problem: HeadProblem) -> dict[str, NDArray[Any]]:
    """Return what `own_numbers` takes; nothing of texts."""
    scale = problem.scale
    return {} if scale is None else {"table_mean": scale.mean, "table_deviation": scale.deviation}


def unit_rows(arrays: Mapping[str, NDArray[Any]], vectors: Vectors) -> NDArray[np.float64]:
    """Return the chosen columns, each over its length on the training rows, as rows of length 1.

    The publication's program divides training and test columns by lengths of their own; here both are
    divided by the training rows', so that no row is seen before it is labelled.

    Args:
        arrays: those of `choose_columns`, and of `table_arrays`.
        vectors: shape (rows, all columns).
    """
    rows = own_numbers(arrays, vectors)[:, arrays["columns"]] / arrays["lengths"]
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    even = np.full(rows.shape[1], 1.0 / np.sqrt(rows.shape[1]))  # a row of zeros is no state
    return np.where(norms > 0, rows / np.where(norms > 0, norms, 1.0), even)
