"""Optuna's samplers as proposers (arXiv:1907.10902): they see the numbers of values, in their order."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Settings
from qwatt.stages.architecture.search.history import Search
from qwatt.stages.architecture.search.method import Propose, SearchMethod
from qwatt.stages.architecture.search.problem import SearchProblem
from qwatt.stages.architecture.search.space import Space

if TYPE_CHECKING:
    import optuna
else:
    optuna = lazy("optuna")

_REPEATS = 20
"""Proposals in a row that were tried before; the next point is then drawn at random."""


class OptunaSearch(SearchMethod):
    """Base: a sampler is told all full trainings, the common start included, and asked for the next point."""

    @abstractmethod
    def sampler(self, problem: SearchProblem, seed: int) -> optuna.samplers.BaseSampler:
        """Return Optuna's sampler."""

    def proposer(self, problem: SearchProblem, settings: Settings, context: Context) -> Propose:
        """Ask, and tell what is known of points that come again."""
        seed = int(context.rng.integers(2**31))
        study, space = quiet_study(self.sampler(problem, seed)), distributions(problem.space)
        told: set[int] = set()
        open_trials: dict[int, optuna.trial.Trial] = {}

        def tell(search: Search) -> None:
            for point in [one.point for one in search.tried if one.point not in told]:
                told.add(point)
                value = search.train(point)
                if (trial := open_trials.pop(point, None)) is not None:
                    state = optuna.trial.TrialState.FAIL if value is None else None
                    study.tell(trial, value, state=state)
                elif value is not None:
                    study.add_trial(
                        optuna.trial.create_trial(
                            params=_params(problem.space, point), distributions=space, value=value
                        )
                    )

        def propose(search: Search) -> int:
            tell(search)
            for _ in range(_REPEATS):
                trial = study.ask(space)
                point = problem.space.number([trial.params[name] for name in problem.space.names])
                if point not in told:
                    open_trials[point] = trial
                    return point
                known = search.train(point)
                study.tell(trial, known, state=None if known is not None else optuna.trial.TrialState.FAIL)
            return int(context.rng.choice(search.untried))

        return propose


def quiet_study(sampler: Any, pruner: Any = None) -> optuna.study.Study:
    """Return a study in memory that prints nothing."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(sampler=sampler, pruner=pruner)


def distributions(space: Space) -> dict[str, optuna.distributions.BaseDistribution]:
    """Return each choice as the numbers of its values: whole numbers where they have an order."""
    kinds = optuna.distributions
    return {
        choice.name: kinds.IntDistribution(0, len(choice.values) - 1)
        if choice.ordered
        else kinds.CategoricalDistribution(tuple(range(len(choice.values))))
        for choice in space.choices
    }


def _params(space: Space, point: int) -> dict[str, int]:
    return dict(zip(space.names, space.levels(point).tolist(), strict=True))
