"""The covariance matrix adaptation of Optuna and cmaes."""

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
class CmaEs(OptunaSearch):
    """A normal density over ordered choices that moves and stretches; other choices are drawn at random."""

    name: ClassVar[str] = "cma-es"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1604.00772", "arXiv:2402.01373")

    def sampler(self, problem: SearchProblem, seed: int) -> optuna.samplers.BaseSampler:
        """Start in the middle of the space."""
        return optuna.samplers.CmaEsSampler(seed=seed)
