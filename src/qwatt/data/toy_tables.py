"""The small labelled tables that scikit-learn ships: offline, for trying things out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import unknown_name
from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    from sklearn import datasets
else:
    datasets = lazy("sklearn.datasets")

TABLES = ("iris", "wine", "digits", "breast_cancer")


@dataclass(frozen=True, eq=False)
class ToyTable:
    """A table of numbers with a class a row.

    Args:
        ids: names of the rows.
        values: shape (rows, columns).
        columns: names of the columns.
        labels: class of each row, shape (rows,).
        classes: the classes' names.
    """

    ids: tuple[str, ...]
    values: NDArray[np.float64]
    columns: tuple[str, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


def read_toy_table(name: str) -> ToyTable:
    """Return one of `TABLES`.

    Raises:
        QwattError: there is no table of that name.
    """
    if name not in TABLES:
        raise unknown_name("table", name, TABLES)
    found = getattr(datasets, f"load_{name}")()
    return ToyTable(
        tuple(f"{name}:{i}" for i in range(len(found.target))),
        np.asarray(found.data, dtype=np.float64),
        tuple(map(str, found.feature_names)),
        np.asarray(found.target, dtype=np.int64),
        tuple(map(str, found.target_names)),
    )
