"""As many scores as amplitude estimation prepares states, drawn at random and added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.likelihood_estimation import schedule
from qwatt.quantum.primitives.bill import BILL_SHOTS
from qwatt.stages.monitoring.drift.amplitude_estimated import Estimates
from qwatt.stages.monitoring.drift.mean_score import mean_differences
from qwatt.stages.monitoring.drift.method import Evidence
from qwatt.stages.monitoring.drift.permutation import Labels, labels, p_value
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows
from qwatt.stages.monitoring.drift.typicality import ScoreDetector


@method
class SampledScore(ScoreDetector):
    """Control: a coin is tossed for each use of the preparation, and nothing is amplified.

    A text of either sample is drawn, and the coin shows 1 with its score, or 1 - score for the reference: the
    chance that amplitude estimation sharpens.
    """

    name = "sampled-score"
    kind = Kind.CONTROL
    sources = ("arXiv:1904.10246 (the classical rate)",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"doublings": (3, 0, 5)}
    limits: ClassVar[Mapping[str, Any]] = {"doublings": (0, 10)}
    permutations: ClassVar[int] = 19
    measures_labels: ClassVar[bool] = True

    def compared(self, samples: Sequence[Rows], settings: Settings, context: Context) -> Sequence[Any]:
        """Toss the coins for the observed and the random assignments of each pair."""
        tosses = uses(int(settings["doublings"]), context.shots)
        found = []
        for rows in samples:
            assigned = labels(len(rows), context.rng, self.permutations)
            chances = 0.5 + 0.5 * mean_differences(rows[:, 0], assigned)
            shares = context.rng.binomial(tosses, np.clip(chances, 0.0, 1.0)) / tosses
            found.append(Estimates(np.abs(2.0 * shares - 1.0)))
        return found

    def evidence(self, sample: Any, settings: Settings, rng: np.random.Generator, least: int = 0) -> Evidence:
        """Rank the observed assignment among those that were drawn for."""
        return Evidence(float(sample.statistics[0]), p_value(sample.statistics))

    def statistics(self, sample: Any, assigned: Labels, settings: Settings) -> Any:
        """Return what was drawn, whatever is asked for."""
        return sample.statistics

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the scores of all draws."""
        draws = float(uses(int(settings["doublings"]), shots) * (self.permutations + 1))
        return Effort(work={"gemm_flop": self.score_flop(problem), "elementwise": draws})


def uses(doublings: int, shots: int | None) -> int:
    """Return the uses of the preparation or its inverse in one estimate, 2 k + 1 a shot."""
    each = BILL_SHOTS if shots is None else shots
    return each * sum(2 * k + 1 for k in schedule(doublings))
