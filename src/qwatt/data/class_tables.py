"""Tables of numbers with classes, known by name: scikit-learn's own, and clinical ones out of a package."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError, unknown_name
from qwatt.data.fetch import fetch
from qwatt.data.toy_tables import TABLES, ToyTable, read_toy_table

CLINICAL = ("heart_failure", "heart_disease")
CLASS_TABLES = (*TABLES, *CLINICAL)


@dataclass(frozen=True, eq=False)
class ClassTable(ToyTable):
    """A labelled table, and what was left out of it.

    Args:
        note: what was left out, or nothing.
    """

    note: str = ""


def read_class_table(name: str) -> ClassTable:
    """Return one of `CLASS_TABLES`.

    Raises:
        QwattError: no such table, or its package cannot be fetched or has another form.
    """
    if name in TABLES:
        return ClassTable(**vars(read_toy_table(name)))
    if name not in CLINICAL:
        raise unknown_name("table", name, CLASS_TABLES)
    rows = _rows(name)
    read = _heart_failure if name == "heart_failure" else _heart_disease
    try:
        return read(rows)
    except (KeyError, ValueError) as error:
        raise QwattError(f"a row is not as the catalogue's version has it: {error}", where=name) from error


def _rows(name: str) -> list[dict[str, str]]:
    with fetch(name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _heart_failure(rows: list[dict[str, str]]) -> ClassTable:
    """Return the 12 columns, and who died during the follow-up (doi:10.1186/s12911-020-1023-5).

    The package has serum creatinine rounded to whole mg/dL.
    """
    target = "DEATH_EVENT"
    columns = tuple(name for name in rows[0] if name != target)
    values = np.array([[float(row[name].replace(",", "")) for name in columns] for row in rows])
    labels = np.array([int(row[target]) for row in rows], dtype=np.int64)
    ids = tuple(f"heart_failure:{i}" for i in range(len(rows)))
    return ClassTable(ids, values, columns, labels, ("survived", "died"))


_CODES: Mapping[str, Mapping[str, float]] = {
    "sex": {"Female": 0, "Male": 1},
    "cp": {"typical angina": 1, "atypical angina": 2, "non-anginal": 3, "asymptomatic": 4},
    "fbs": {"FALSE": 0, "TRUE": 1},
    "restecg": {"normal": 0, "st-t abnormality": 1, "lv hypertrophy": 2},
    "exang": {"FALSE": 0, "TRUE": 1},
    "slope": {"upsloping": 1, "flat": 2, "downsloping": 3},
    "thal": {"normal": 3, "fixed defect": 6, "reversable defect": 7},
}
"""The numbers that the UCI repository's own file has for these words."""
_SITE = "Cleveland"


def _heart_disease(rows: list[dict[str, str]]) -> ClassTable:
    """Return Cleveland's patients with the 13 columns in use, and whether any narrowing was found.

    The other three hospitals measured up to five of the columns in few patients only.
    """
    columns = tuple(name for name in rows[0] if name not in ("id", "dataset", "num"))
    own = [row for row in rows if row["dataset"] == _SITE]
    whole = [row for row in own if all(row[name].strip() for name in columns)]
    values = np.array([[_coded(name, row[name]) for name in columns] for row in whole])
    labels = np.array([int(row["num"]) > 0 for row in whole], dtype=np.int64)
    ids = tuple(f"heart_disease:{row['id']}" for row in whole)
    note = f"{len(own) - len(whole)} of {len(own)} patients of {_SITE} lack a value and are left out"
    return ClassTable(ids, values, columns, labels, ("healthy", "diseased"), note)


def _coded(column: str, cell: str) -> float:
    known: Callable[[str], Any] = _CODES[column].__getitem__ if column in _CODES else float
    return float(known(cell))
