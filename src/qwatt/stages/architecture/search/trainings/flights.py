"""Gradient boosting on flights and their weather: the substitute for the private data of arXiv:2302.10298."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.data.flights import CATEGORIES, read_flights
from qwatt.stages.architecture.search.declared import declared_space
from qwatt.stages.architecture.search.trainings.live import Training

if TYPE_CHECKING:
    from sklearn import ensemble, metrics
else:
    ensemble, metrics = lazy("sklearn.ensemble"), lazy("sklearn.metrics")

TREES = 60
"""Trees of a full training."""
ABOUT = (
    "Gradient boosting of 60 trees: does a flight out of New York in 2013 leave more than 15 minutes late? "
    "8,000 flights to train on, 8,000 each of other days to choose by and held back."
)
SPACE = {
    "learning_rate": {"log": [0.02, 0.64], "levels": 6},
    "max_leaf_nodes": {"order": [4, 8, 16, 32, 64]},
    "min_samples_leaf": {"order": [5, 20, 80]},
    "l2_regularization": {"log": [0.1, 100.0], "levels": 4},
}
_ROWS = 8_000
_SPLIT_SEED = 2_013


class Part(NamedTuple):
    """Some of the flights."""

    values: NDArray[np.float32]
    late: NDArray[np.bool_]


def training() -> Training:
    """Return the training function with its space."""
    space = declared_space(SPACE, "flights")
    return Training(
        "flights", train, space, frozenset({"budget", "seed"}), "nats per flight", ABOUT, 1 / TREES
    )


def train(settings: Mapping[str, Any], budget: float, seed: int) -> dict[str, float]:
    """Boost trees on flights of some days and judge them on those of others.

    Args:
        settings: a point of `SPACE`.
        budget: share of `TREES`.
        seed: draws the days of the three parts and the flights.

    Returns:
        Logistic loss in nats on the validation days (`loss`) and on the held-back ones (`held_back`).
    """
    fit, *others = parts(seed)
    model = ensemble.HistGradientBoostingClassifier(
        max_iter=max(1, round(TREES * budget)),
        early_stopping=False,
        categorical_features=list(range(len(CATEGORIES))),
        random_state=seed,
        **settings,
    ).fit(fit.values, fit.late)
    losses = [metrics.log_loss(part.late, model.predict_proba(part.values)) for part in others]
    return {"loss": float(losses[0]), "held_back": float(losses[1])}


@cache
def parts(seed: int) -> tuple[Part, ...]:
    """Return flights of three sets of whole days: six, two and two in ten."""
    found, rng = read_flights(), np.random.default_rng([_SPLIT_SEED, seed])
    owner = rng.choice(3, size=366, p=(0.6, 0.2, 0.2))[found.days]
    chosen = (rng.choice(np.flatnonzero(owner == part), _ROWS, replace=False) for part in range(3))
    return tuple(Part(found.values[rows], found.late[rows]) for rows in chosen)
