"""Asynchronous successive halving (arXiv:1810.05934) by Optuna's pruner: short trainings, the best go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
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
        """Draw points that have no training yet, or else no full one; the common start comes first."""
        queue = list(problem.start)

        def propose(search: Search) -> int:
            if queue:
                return queue.pop(0)
            begun = {point for point, _ in search.outcomes}
            fresh = [point for point in range(search.space.size) if point not in begun]
            return int(context.rng.choice(np.array(fresh) if fresh else search.untried))

        return propose

    def run(self, problem: SearchProblem, settings: Settings, context: Context) -> Solution[SearchAnswer]:
        """Climb with each point until the pruner stops it; one point at least is trained in full."""
        search, propose = Search(problem, settings, context), self.proposer(problem, settings, context)
        pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=_FACTOR)
        study = quiet_study(optuna.samplers.RandomSampler(seed=0), pruner)
        while not search.stopped:
            with context.phase(Ring.OUTER, "propose"):
                point, trial = propose(search), study.ask()
            self.climb(search, point, trial)
        if search.best is None:
            self.finish(search)
        return self.solution(search)

    def climb(self, search: Search, point: int, trial: optuna.trial.Trial) -> None:
        """Train one point rung by rung."""
        for rung in range(search.objective.full + 1):
            loss = search.train(point, rung)
            if loss is None or search.stopped:
                return
            with search.context.phase(Ring.OUTER, "propose"):
                trial.report(loss, _FACTOR**rung)
                if trial.should_prune():
                    return

    def finish(self, search: Search) -> None:
        """Train the point in full that was best where none had a full training."""
        tops = [one for one in search.tried if one.loss is not None]
        for one in sorted(tops, key=lambda one: (-one.rung, one.loss))[:1]:
            search.train(one.point)
