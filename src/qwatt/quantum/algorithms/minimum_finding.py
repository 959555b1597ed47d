"""Duerr-Hoyer minimum finding (quant-ph/9607014) with the BBHT search for an unknown number of marked items.

Two counts, never one: a simulated search must know which items are marked, so it *executes* one loss
evaluation an item; the square root is in the *projected* oracle calls, which compute the loss coherently.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.quantum.circuits.grover import grover, sample
from qwatt.quantum.primitives.grover import minimum_calls

if TYPE_CHECKING:
    from qwatt.quantum.backends.base import QuantumBackend

GROWTH = 6 / 5
"""BBHT's growth of the iteration bound after a failed search (quant-ph/9605034, theorem 3)."""

Measure = Callable[[NDArray[np.bool_], int, np.random.Generator], int]
"""Called with the marked set (N,), the Grover iterations and a generator; returns a measured index."""


@dataclass
class Minimum:
    """What a search found and what it took.

    Args:
        index: best item found.
        value: its loss.
        loss_evaluations: losses that were computed to build the simulated oracle: executed work.
        oracle_calls: coherent oracle calls, and `checks` the classical look-ups of measured items, that a
            quantum computer would make: projections only.
        checks: see `oracle_calls`.
        iterations: Grover iterations of every circuit that was measured, in order.
    """

    index: int
    value: float
    loss_evaluations: int
    oracle_calls: int = 0
    checks: int = 0
    iterations: list[int] = field(default_factory=list)

    @property
    def counters(self) -> dict[str, float]:
        """Executed work, for a solution's `counters`."""
        return {"loss_evaluations": self.loss_evaluations}

    @property
    def projected(self) -> dict[str, float]:
        """Projected work, for a solution's `projected`."""
        return {"oracle_calls": self.oracle_calls, "oracle_checks": self.checks}


def call_budget(items: int) -> int:
    """Return the oracle calls after which the minimum is found with probability 1/2 or more.

    22.5 sqrt(N) + 1.4 log2(N)^2 (quant-ph/9607014, theorem 1).
    """
    return math.ceil(float(minimum_calls(items)))


def find_minimum(
    losses: Any,
    rng: np.random.Generator,
    *,
    growth: float = GROWTH,
    budget: int | None = None,
    target: float | None = None,
    measure: Measure = sample,
) -> Minimum:
    """Find the smallest of N losses by repeated searches for anything below the best so far.

    Each search draws its iterations uniformly below a bound that starts at 1 (so 0 iterations, which is right
    when more than half of the items are marked) and grows by `growth` up to sqrt(N).

    Args:
        losses: shape (N,): the tabulated oracle, every item evaluated.
        rng: generator.
        growth: of the iteration bound.
        budget: oracle calls and checks to spend; the default is `call_budget(N)`.
        target: stop as soon as the best loss is not above it; None spends the budget.
        measure: runs the circuit; the default draws from its closed form.

    Raises:
        QwattError: no losses, or a loss that is not a number.
    """
    values = np.asarray(losses, dtype=float).reshape(-1)
    if values.size == 0 or np.isnan(values).any():
        raise QwattError("minimum finding needs losses, none of them NaN")
    limit = call_budget(values.size) if budget is None else budget
    start = int(rng.integers(values.size))
    best = Minimum(start, float(values[start]), values.size, checks=1)
    bound = 1.0
    while not _finished(best, limit, target):
        steps = int(rng.integers(math.ceil(bound)))
        found = measure(values < best.value, steps, rng)
        best.iterations.append(steps)
        best.oracle_calls += steps
        best.checks += 1
        if values[found] < best.value:
            best.index, best.value, bound = found, float(values[found]), 1.0
        else:
            bound = min(growth * bound, math.sqrt(values.size))
    return best


@dataclass(frozen=True)
class Minima:
    """What many searches side by side found and took.

    Args:
        indices: best item of each search, shape (searches,).
        loss_evaluations: losses that were computed to build the simulated oracles: executed work.
        oracle_calls: coherent oracle calls of all searches, and `checks` their look-ups: projections only.
        checks: see `oracle_calls`.
    """

    indices: NDArray[np.int64]
    loss_evaluations: int
    oracle_calls: int
    checks: int


def find_minima(losses: Any, rng: np.random.Generator, *, growth: float = GROWTH) -> Minima:
    """Run `find_minimum` with its default budget on every row, measured in closed form.

    Args:
        losses: shape (searches, N), none of them NaN.
        rng: generator.
        growth: of the iteration bound.
    """
    values = np.asarray(losses, dtype=float)
    rows, items = values.shape
    every, limit = np.arange(rows), call_budget(items)
    best = np.asarray(rng.integers(items, size=rows), dtype=np.int64)
    bounds, calls, checks = np.ones(rows), np.zeros(rows, dtype=np.int64), np.ones(rows, dtype=np.int64)
    while (active := calls + checks < limit).any():
        steps = np.floor(rng.random(rows) * np.ceil(bounds)).astype(np.int64)
        marked = values < values[every, best][:, None]
        angle = np.arcsin(np.sqrt(marked.sum(axis=1) / items))
        found = active & (rng.random(rows) < np.sin((2 * steps + 1) * angle) ** 2)
        drawn = np.where(marked, rng.random(values.shape), -1.0).argmax(axis=1)
        best = np.where(found, drawn, best)
        bounds = np.where(found, 1.0, np.minimum(growth * bounds, math.sqrt(items)))
        calls, checks = calls + steps * active, checks + active
    return Minima(best, values.size, int(calls.sum()), int(checks.sum()))


def on_backend(backend: QuantumBackend, oracle: str = "textbook") -> Measure:
    """Return a `Measure` that runs each Grover circuit with one shot on a backend, which charges it.

    The number of losses must be a power of two. A circuit has one multi-controlled gate for each marked item,
    so this is for small demonstrations; the closed form is the default.

    Args:
        backend: where to run.
        oracle: "textbook" or "half".
    """

    def measure(marked: NDArray[np.bool_], iterations: int, rng: np.random.Generator) -> int:
        wires = (marked.size - 1).bit_length()
        if marked.size != 2**wires or not wires:
            raise QwattError(f"a Grover circuit searches a power of two of items, not {marked.size}")
        circuit = grover(wires, frozenset(np.flatnonzero(marked).tolist()), iterations, oracle)
        bits = backend.sample(circuit, None, None, 1, rng)[0, 0, :wires]
        return int(bits @ (1 << np.arange(wires)[::-1]))

    return measure


def _finished(best: Minimum, limit: int, target: float | None) -> bool:
    reached = target is not None and best.value <= target
    return reached or best.oracle_calls + best.checks >= limit
