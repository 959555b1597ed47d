"""A Gaussian process with expected improvement: Optuna's GPSampler."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.architecture.search.optuna_search import OptunaSearch
from qwatt.stages.architecture.search.problem import SearchProblem

if TYPE_CHECKING:
    import optuna
else:
    optuna = lazy("optuna")


@method
class GaussianProcess(OptunaSearch):
    """A Matern 5/2 kernel with a length for each choice, and log expected improvement."""

    name: ClassVar[str] = "gp"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("Snoek et al., arXiv:1206.2944", "arXiv:1907.10902")

    def sampler(self, problem: SearchProblem, seed: int) -> optuna.samplers.BaseSampler:
        """The common start takes the place of its own random one."""
        return optuna.samplers.GPSampler(n_startup_trials=0, seed=seed)
