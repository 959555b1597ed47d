"""What searches with a fitted surrogate share: fit all that is known, train the point that looks best."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Settings
from qwatt.stages.architecture.search.history import Search
from qwatt.stages.architecture.search.method import Propose, SearchMethod
from qwatt.stages.architecture.search.problem import SearchProblem

if TYPE_CHECKING:
    from scipy import stats
else:
    stats = lazy("scipy.stats")

Values = NDArray[np.float64]

POOL = 256
"""Points at most that a surrogate predicts for a proposal; of more untried ones so many at random."""


class SurrogateSearch(SearchMethod):
    """Base: each proposal is the least prediction among untried points, as in arXiv:2302.10298."""

    @abstractmethod
    def prepare(self, problem: SearchProblem, settings: Settings, context: Context) -> Any:
        """Return what lasts from one proposal to the next, such as a circuit and its weights."""

    @abstractmethod
    def predict(
        self, state: Any, angles: Values, losses: Values, pool: Values, settings: Settings, context: Context
    ) -> Values:
        """Return the predicted losses of a pool, shape (pool,).

        Args:
            state: of `prepare`.
            angles: of the known points, shape (known, choices).
            losses: of mean 0 and deviation 1, shape (known,).
            pool: angles, shape (pool, choices).
            settings: of the method.
            context: of the trial.
        """

    def proposer(self, problem: SearchProblem, settings: Settings, context: Context) -> Propose:
        """Fit and predict."""
        state, angles = self.prepare(problem, settings, context), problem.space.angles

        def propose(search: Search) -> int:
            pool = search.untried
            if len(pool) > POOL:
                pool = context.rng.choice(pool, POOL, replace=False)
            if len(search.points) < 2:
                return int(context.rng.choice(pool))
            losses = standardised(search.values)
            predicted = self.predict(state, angles[search.points], losses, angles[pool], settings, context)
            return int(pool[int(np.argmin(predicted))])

        return propose


def standardised(values: Values) -> Values:
    """Return ranks as normal scores: losses that ran away do not flatten the rest.

    The score of rank r of n is the quantile (r - 3/8) / (n + 1/4) of a normal distribution (Blom 1958), ties
    by their mean rank.
    """
    ranks = stats.rankdata(values)
    scores = stats.norm.ppf((ranks - 0.375) / (len(values) + 0.25))
    return np.asarray((scores - scores.mean()) / (scores.std() or 1.0))
