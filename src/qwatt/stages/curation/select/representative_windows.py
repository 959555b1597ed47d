"""Representative selection in windows around random examples: the base of its samplers."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.method import Notes
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.representation import Representation
from qwatt.stages.curation.select.representative_method import RepresentativeMethod
from qwatt.stages.curation.select.windows import Solve, half_window, search, window_count

if TYPE_CHECKING:
    import dimod
else:
    dimod = lazy("dimod")

QUBITS = 10
"""Examples of a window that a circuit gets, as many chosen as unchosen."""


class WindowedRepresentative(RepresentativeMethod):
    """Base: all begin with a random choice, and solve windows of examples that are similar to each other.

    Class attributes:
        width: most examples of a window.
        sweeps: of as many windows as would hold every unchosen example once.
    """

    stochastic: ClassVar[bool] = True
    width: ClassVar[int] = QUBITS
    sweeps: ClassVar[int] = 1

    @abstractmethod
    def solver(self, settings: Settings, context: Context) -> Solve:
        """Return what solves a window."""

    def window(self, context: Context) -> AbstractContextManager[None]:
        """Open the energy window of solving a window."""
        return context.phase(Ring.KERNEL, "solve")

    def search(self, problem: Representation, settings: Settings, context: Context) -> tuple[Bits, Notes]:
        """Solve windows, each with what the others left."""
        solve, coupled = self.solver(settings, context), []

        def solved(linear: NDArray[np.float64], quadratic: NDArray[np.float64], ones: int) -> Bits:
            coupled.append(int(np.count_nonzero(quadratic)))
            with self.window(context):
                return solve(linear, quadratic, ones)

        with context.phase(Ring.KERNEL, "search"):
            draw = problem.neighbourhood
            bits, values = search(problem, self.width, self.sweeps, solved, context.rng, draw)
        notes: dict[str, Any] = {"graph_cut_at_random": -values[0], "windows": len(coupled)}
        return bits, notes | {"windows_without_a_coupling": coupled.count(0)}

    def windows(self, problem: SelectProblem) -> int:
        """Return the number of windows that a run solves."""
        return window_count(len(problem.pool), problem.budget, self.width, self.sweeps)

    def half(self, problem: SelectProblem) -> int:
        """Return half the size of a window."""
        return half_window(len(problem.pool), problem.budget, self.width)


def best_bits(found: dimod.SampleSet) -> Bits:
    """Return the sample of least energy in the order of the variables' numbers."""
    best = found.first.sample
    return np.array([best[i] for i in range(len(best))], dtype=np.int8)
