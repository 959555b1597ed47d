"""The tree-structured Parzen estimator of Optuna."""

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
class TreeParzen(OptunaSearch):
    """Two densities of good and bad points, whose ratio proposes the next; all choices in one density."""

    name: ClassVar[str] = "tpe"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("Bergstra et al., NeurIPS 2011", "arXiv:2304.11127")

    def sampler(self, problem: SearchProblem, seed: int) -> optuna.samplers.BaseSampler:
        """The common start takes the place of its own random one."""
        return optuna.samplers.TPESampler(multivariate=True, n_startup_trials=0, seed=seed)
