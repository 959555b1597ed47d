"""Grover search for all of an unknown number of marked items (BBHT, arXiv:quant-ph/9605034).

As in `minimum_finding` two counts are kept apart: a simulated search knows which items are marked, because
every item was evaluated; the oracle calls are those of an oracle that evaluates coherently.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qwatt.quantum.algorithms.minimum_finding import GROWTH, Measure
from qwatt.quantum.circuits.grover import sample

PATIENCE = 9.0
"""A search gives up after so many times sqrt(N) oracle calls: four times the bound for a single marked item,
so that one that is there is overlooked with probability 1/4 at most (Markov)."""


@dataclass
class Search:
    """What searches found and took.

    Args:
        found: marked items, in the order in which they were found.
        iterations: Grover iterations of every circuit that was measured, in order; its oracle calls.
        items: evaluated to build the simulated oracle: executed work.
    """

    found: list[int] = field(default_factory=list)
    iterations: list[int] = field(default_factory=list)
    items: int = 0

    @property
    def oracle_calls(self) -> int:
        """Coherent oracle calls that a quantum computer would make, and a look-up of each measured item."""
        return sum(self.iterations) + len(self.iterations)


def find_one(
    marked: NDArray[np.bool_], rng: np.random.Generator, search: Search, measure: Measure = sample
) -> int | None:
    """Return a marked item, or None once calls beyond `PATIENCE` found none; the search is told what it took.

    Args:
        marked: shape (N,).
        rng: generator.
        search: takes the iterations.
        measure: runs the circuit; the default draws from its closed form.
    """
    bound, spent, limit = 1.0, 0, PATIENCE * math.sqrt(marked.size)
    while spent < limit:
        steps = int(rng.integers(math.ceil(bound)))
        item = measure(marked, steps, rng)
        search.iterations.append(steps)
        spent += steps + 1
        if marked[item]:
            return item
        bound = min(GROWTH * bound, math.sqrt(marked.size))
    return None


def find_all(marked: NDArray[np.bool_], rng: np.random.Generator, measure: Measure = sample) -> Search:
    """Search again and again, without the items that were found, until a search gives up.

    Arguments of `find_one`.
    """
    left, search = marked.copy(), Search(items=marked.size)
    while (item := find_one(left, rng, search, measure)) is not None:
        search.found.append(item)
        left[item] = False
    return search
