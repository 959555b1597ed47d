"""Asynchronous successive halving (arXiv:1810.05934) by Optuna's pruner: short trainings, the best go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.core.threads import one_thread
from qwatt.stages.architecture.search.history import Search
from qwatt.stages.architecture.search.method import Propose, SearchMethod
from qwatt.stages.architecture.search.optuna_search import quiet_study
from qwatt.stages.architecture.search.problem import SearchAnswer, SearchProblem

if TYPE_CHECKING:
    import optuna
else:
    optuna = lazy("optuna")

_FACTOR = 3
"""Every rung keeps the best third, as the rungs of the trainings ascend by thirds."""


@method
class SuccessiveHalving(SearchMethod):
    """Random points, of which only the best third of each rung gets three times the training.

    Its budget is as many *whole* trainings as the others have, so that it sees more points. Each rung trains
    anew, as a training's schedule depends on its length. Trainings that take no budget cannot be cut short:
    it is random search then.
    """

    name: ClassVar[str] = "successive-halving"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1810.05934", "arXiv:1502.07943")

    def proposer(self, problem: SearchProblem, settings: Settings, context: Context) -> Propose:
        """Draw points that have no training yet; the common start comes first."""
        rest = [int(p) for p in context.rng.permutation(problem.space.size) if p not in problem.start]
        queue = [*problem.start, *rest]
        return lambda search: queue.pop(0)

    def run(self, problem: SearchProblem, settings: Settings, context: Context) -> Solution[SearchAnswer]:
        """Climb with each point until the pruner stops it; what is left trains the best ones in full."""
        search, propose = Search(problem, settings, context), self.proposer(problem, settings, context)
        pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=_FACTOR)
        study = quiet_study(optuna.samplers.RandomSampler(seed=0), pruner)
        with one_thread():
            for _ in range(problem.space.size):
                if search.stopped:
                    break
                with context.phase(Ring.OUTER, "propose"):
                    point, trial = propose(search), study.ask()
                self.climb(search, point, trial)
            for point in promising(search):
                if search.affords(search.objective.full) or search.best is None:
                    search.train(point)
        return self.solution(search)

    def climb(self, search: Search, point: int, trial: optuna.trial.Trial) -> None:
        """Train one point rung by rung, as far as it is good and the budget lasts."""
        for rung in range(search.objective.full + 1):
            loss = search.train(point, rung) if search.affords(rung) else None
            if loss is None or search.stopped:
                return
            with search.context.phase(Ring.OUTER, "propose"):
                trial.report(loss, _FACTOR**rung)
                if trial.should_prune():
                    return


def promising(search: Search) -> list[int]:
    """Return the points without a full training, those first that came far, and of these the best."""
    reached = {one.point: one for one in search.tried if one.loss is not None}
    full = set(search.points)
    left = [one for one in reached.values() if one.point not in full]
    return [one.point for one in sorted(left, key=lambda one: (-one.rung, one.loss))]
