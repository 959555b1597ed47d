"""Groups of a pool that are chosen from one by one: all of it, or its labels with their fair shares."""

from __future__ import annotations

import numpy as np

from qwatt.stages.curation.select.problem import Indices, SelectProblem


def groups(problem: SelectProblem, by_label: bool) -> list[tuple[Indices, int]]:
    """Return groups of pool indices with the number to choose of each, together the budget.

    Args:
        problem: without labels there is one group.
        by_label: whether each label gets its share of the budget, by largest remainders.
    """
    labels = problem.pool.labels
    if labels is None or not by_label:
        return [(np.arange(len(problem.pool)), problem.budget)]
    names, counts = np.unique(labels, return_counts=True)
    exact = counts * problem.budget / counts.sum()
    shares = np.floor(exact).astype(np.int64)
    left = problem.budget - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:left]] += 1
    return [(np.flatnonzero(labels == name), int(n)) for name, n in zip(names, shares, strict=True) if n]
