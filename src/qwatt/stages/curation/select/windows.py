"""Block-coordinate search: windows of as many chosen as unchosen examples, solved with the rest fixed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qwatt.core.progress import tell
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.problem import Indices

Solve = Callable[[NDArray[np.float64], NDArray[np.float64], int], Bits]
"""From linear (w,), upper quadratic (w, w) and the number of ones to a window's bits with that many ones."""

Draw = Callable[[Bits, int, np.random.Generator], Indices]
"""From the choice and half a window's size to a window with as many chosen as unchosen examples."""


class Windowed(Protocol):
    """A quadratic problem of which windows can be solved while the rest stays."""

    @property
    def budget(self) -> int:
        """Examples to choose."""

    def __len__(self) -> int: ...

    def objective(self, bits: Bits) -> float:
        """Return what is minimised."""

    def window(self, bits: Bits, inside: Indices) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return linear (w,) and upper quadratic (w, w) of a window, the rest as it is."""


def half_window(examples: int, budget: int, width: int) -> int:
    """Return half the size of a window: it holds as many chosen as unchosen examples."""
    return min(width // 2, budget, examples - budget)


def window_count(examples: int, budget: int, width: int, sweeps: int) -> int:
    """Return the number of windows: a sweep has as many as would hold every unchosen example once."""
    return sweeps * -(-(examples - budget) // half_window(examples, budget, width))


def model_calls(windows: int, width: int) -> float:
    """Return the Python-driven calls of making so many windows' models: one a coupling."""
    return windows * width * (width - 1) / 2.0


def search(
    problem: Windowed,
    width: int,
    sweeps: int,
    solve: Solve,
    rng: np.random.Generator,
    draw: Draw | None = None,
) -> tuple[Bits, list[float]]:
    """Begin with a random choice and keep every window's solution that is better.

    Args:
        problem: what to minimise.
        width: most examples of a window.
        sweeps: of as many windows as would hold every unchosen example once.
        solve: solves a window.
        rng: draws the beginning and the windows.
        draw: of a window; random ones without it.

    Returns:
        The choice, and the objective at the beginning and after every window.
    """
    examples, budget = len(problem), problem.budget
    bits = np.zeros(examples, dtype=np.int8)
    bits[rng.choice(examples, budget, replace=False)] = 1
    half, count = half_window(examples, budget, width), window_count(examples, budget, width, sweeps)
    values = [problem.objective(bits)]
    for number in range(count):
        inside = (draw or _window)(bits, half, rng)
        proposal = bits.copy()
        proposal[inside] = solve(*problem.window(bits, inside), half)
        value = problem.objective(proposal)
        if value < values[-1]:
            bits = proposal
        values.append(min(value, values[-1]))
        tell(number + 1, count, "windows")
    return bits, values


def _window(bits: Bits, half: int, rng: np.random.Generator) -> Indices:
    parts = [rng.choice(np.flatnonzero(bits == value), half, replace=False) for value in (0, 1)]
    return np.sort(np.concatenate(parts))
