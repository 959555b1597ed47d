"""Search with a factorisation machine over one-hot bits, whose minimum a QUBO solver proposes (FMQA)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.limits import Limit
from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.architecture.search.factorisation import Bits, FactorisationMachine, Values
from qwatt.stages.architecture.search.history import Search
from qwatt.stages.architecture.search.method import COMMON, Propose, SearchMethod
from qwatt.stages.architecture.search.problem import SearchProblem
from qwatt.stages.architecture.search.space import Space
from qwatt.stages.architecture.search.surrogate import standardised

QUBITS = 18
"""One-hot bits of a QUBO; a larger space is cut to the best point's values and as many others as fit."""

MACHINE: dict[str, Sequence[Any]] = {"rank": (4,), "steps": (100,), "decay": (1e-3,)}
"""Of the machine: its rank, iterations of its fit, and the weight of its parameters' squares."""


@dataclass(frozen=True)
class Window:
    """The bits of a QUBO.

    Args:
        groups: by choice the numbers of the values that may be chosen.
        bits: their numbers among all one-hot bits, group after group, shape (bits,).
    """

    groups: tuple[NDArray[np.int64], ...]
    bits: NDArray[np.int64]

    @property
    def owners(self) -> NDArray[np.int64]:
        """The choice of every bit, shape (bits,)."""
        return np.repeat(np.arange(len(self.groups)), [len(group) for group in self.groups])


class OneHotSearch(SearchMethod):
    """Base: fit the machine to all known losses, minimise it, train the best point that is new.

    The common start touches every value where it is long enough, without which a bit would say nothing
    (arXiv:2605.04825).
    """

    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | MACHINE
    limits: ClassVar[Mapping[str, Limit]] = {"rank": (1, 1_000)}

    @abstractmethod
    def solve(
        self, linear: Values, quadratic: Values, window: Window, settings: Settings, context: Context
    ) -> Bits:
        """Return bit strings of a penalised QUBO, shape (reads, bits); they need not be feasible."""

    def window(self, context: Context) -> AbstractContextManager[None]:
        """Open the energy window of the solver."""
        return context.phase(Ring.KERNEL, "solve")

    def proposer(self, problem: SearchProblem, settings: Settings, context: Context) -> Propose:
        """Fit, solve and decode."""
        space, rng = problem.space, context.rng
        machine = FactorisationMachine.drawn(sum(space.shape), int(settings["rank"]), rng)

        def propose(search: Search) -> int:
            if search.best is None:
                return int(rng.choice(search.untried))
            rows = space.one_hot(search.points)
            machine.fit(rows, standardised(search.values), int(settings["steps"]), float(settings["decay"]))
            window = draw_window(space, search.best, rng)
            linear, quadratic = machine.quadratic(window.bits)
            with self.window(context):
                strings = self.solve(*penalised(linear, quadratic, window.owners), window, settings, context)
            return best_new(machine, search, decoded(strings, linear, window), rng)

        return propose


def draw_window(space: Space, best: int, rng: np.random.Generator) -> Window:
    """Return all values of every choice, or the best point's and random others up to `QUBITS`."""
    starts = np.concatenate([[0], np.cumsum(space.shape)])
    kept = {(choice, int(level)) for choice, level in enumerate(space.levels(best))}
    every = [(choice, level) for choice, count in enumerate(space.shape) for level in range(count)]
    others = [pair for pair in every if pair not in kept]
    room = max(0, QUBITS - len(kept))
    kept |= {others[i] for i in rng.permutation(len(others))[:room]}
    groups = [
        np.array(sorted(level for owner, level in kept if owner == choice), dtype=np.int64)
        for choice in range(len(space.shape))
    ]
    bits = np.concatenate([starts[choice] + group for choice, group in enumerate(groups)])
    return Window(tuple(groups), bits.astype(np.int64))


def penalised(linear: Values, quadratic: Values, owners: NDArray[np.int64]) -> tuple[Values, Values]:
    """Return linear and upper couplings with A (sum x - 1)^2 of every choice added, less its constant.

    A is the most that one bit can change the energy by, so that every minimum is feasible.
    """
    couplings = np.abs(quadratic)
    strength = float((np.abs(linear) + couplings.sum(axis=0) + couplings.sum(axis=1)).max()) or 1.0
    same = np.triu(owners[:, None] == owners[None, :], 1)
    return linear - strength, quadratic + 2.0 * strength * same


def decoded(strings: Bits, linear: Values, window: Window) -> NDArray[np.int64]:
    """Return the levels of each string, shape (strings, choices): the cheapest of the bits that are set.

    Where no bit of a choice is set, its cheapest bit counts.
    """
    columns, start = [], 0
    for group in window.groups:
        part = strings[:, start : start + len(group)]
        cost = np.where(
            (part == 1) | (part.sum(axis=1) == 0)[:, None], linear[start : start + len(group)], np.inf
        )
        columns.append(group[cost.argmin(axis=1)])
        start += len(group)
    return np.stack(columns, axis=1)


def best_new(
    machine: FactorisationMachine, search: Search, levels: NDArray[np.int64], rng: np.random.Generator
) -> int:
    """Return the untried point that the machine likes best; a random one where all were tried."""
    space = search.space
    points = np.unique(np.ravel_multi_index(tuple(levels.T), space.shape))
    fresh = np.intersect1d(points, search.untried)
    if not len(fresh):
        return int(rng.choice(search.untried))
    return int(fresh[int(np.argmin(machine.predict(space.one_hot(fresh))))])
