"""Search with a classical Fourier series: kernel ridge regression, the twin of every VQC surrogate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.architecture.search.fourier import series_kernel
from qwatt.stages.architecture.search.method import COMMON, proposals
from qwatt.stages.architecture.search.problem import SearchProblem
from qwatt.stages.architecture.search.surrogate import POOL, SurrogateSearch, Values


@method
class FourierSurrogate(SurrogateSearch):
    """The same frequencies as the circuit has, all coefficients free, fitted in closed form."""

    name: ClassVar[str] = "fourier-surrogate"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2008.08605", "arXiv:2206.11740")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {"degree": (2,), "decay": (0.5,), "ridge": (0.1,)}
    limits: ClassVar[Mapping[str, Any]] = {"degree": (1, 20), "decay": (0.0, 1.0)}

    def prepare(self, problem: SearchProblem, settings: Settings, context: Context) -> None:
        """Keep nothing."""

    def predict(
        self, state: None, angles: Values, losses: Values, pool: Values, settings: Settings, context: Context
    ) -> Values:
        """Solve one linear system."""
        shape = (int(settings["degree"]), float(settings["decay"]))
        known = series_kernel(angles, angles, *shape) + float(settings["ridge"]) * np.eye(len(losses))
        return np.asarray(series_kernel(pool, angles, *shape) @ np.linalg.solve(known, losses))

    def effort(self, problem: SearchProblem, trainings: int, settings: Settings, shots: int | None) -> Effort:
        """Count the cosines and the systems of all proposals."""
        terms = len(problem.space.choices) * int(settings["degree"])
        flops = sum(
            n * (n + min(POOL, problem.space.size)) * 4.0 * terms + n**3
            for n in proposals(problem, trainings)
        )
        return Effort(work={"gemm_flop": flops})
