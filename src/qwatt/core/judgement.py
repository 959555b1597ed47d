"""Is a method worse than the reference? An exact sign test that may be repeated after every seed.

The estimand is the median over seeds of the paired difference of quality, method minus reference. Where it
lies at the margin, a seed lies above with a chance of at most one half whatever the distribution, so that the
number above is at most binomial. The bounds on that number spend `ALPHA` over all numbers of seeds together:

    alpha_n = ALPHA - (ALPHA - 2^-5) 5 / n,   n = 5, 6, ...

(alpha spending: Lan and DeMets, Biometrika 70, 659, 1983). c_n is the smallest number for which the chance of
having reached any of c_5 ... c_n is at most alpha_n. "Not worse": at least c_n of n seeds lie above minus the
margin. "Worse": at least c_n lie below. Raising a difference adds to the first and takes from the second,
so that it can never make the outcome less favourable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from statistics import median

import numpy as np

MIN_PAIRS = 5
"""Seeds below which nothing is decided."""

ALPHA = 0.05
"""Chance of a false "not worse", and of a false "worse", over all looks at the seeds together."""

_MOST = 1000
HOPELESS = 100
"""Further seeds beyond which a difference is called too close to the margin to tell."""
_TIE = 1e-9
"""Qualities are floats: what is nearer to the margin than this lies on it, which speaks for neither side."""


class Outcome(StrEnum):
    """What the seeds say about a method's quality."""

    REFERENCE = "reference"
    NOT_WORSE = "not worse"
    UNDECIDED = "undecided"
    WORSE = "worse"

    @property
    def passed(self) -> bool:
        """Whether the method has earned an energy-to-solution."""
        return self in (Outcome.REFERENCE, Outcome.NOT_WORSE)


@dataclass(frozen=True)
class Judgement:
    """The outcome of one method, and what it rests on.

    Args:
        outcome: the outcome.
        difference: (low, median, high) of the paired difference, positive where the method is better; the
            method is not worse where low is above minus the margin, and worse where high is below. None
            where the seeds do not bound that side.
        p_value: of the exact sign test of "worse or at the margin", for this number of seeds alone; the
            outcome rests on the stricter bounds.
        more_seeds: where undecided, seeds that would decide if the observed shares persisted.
        reason: why nothing is decided, or why no number of seeds can be given.
    """

    outcome: Outcome
    difference: tuple[float | None, float, float | None] | None = None
    p_value: float | None = None
    more_seeds: int | None = None
    reason: str = ""

    @property
    def too_close(self) -> bool:
        """Whether the difference lies so near to the margin that deciding it takes too many seeds."""
        told = self.outcome is not Outcome.UNDECIDED or self.difference is None
        return not told and (self.more_seeds is None or self.more_seeds > HOPELESS)

    @property
    def outlook(self) -> str:
        """What it would take to decide, in words; empty where it is decided or nothing is to be compared."""
        if self.outcome is not Outcome.UNDECIDED or self.difference is None:
            return ""
        if self.more_seeds is None:
            return f"too close to the margin: not even {_MOST} seeds would tell, if they fall like these"
        count = f"about {self.more_seeds} more {'seed' if self.more_seeds == 1 else 'seeds'}"
        if self.too_close:
            return f"too close to the margin: it takes {count} to tell, if they fall like these"
        return f"{count} would tell, if they fall like these"


NOTHING = Judgement(Outcome.UNDECIDED, reason="no trial finished")
"""The judgement of a method without a finished trial."""


def judge(differences: Sequence[float], margin: float, missing: int = 0) -> Judgement:
    """Judge a method by its paired differences to the reference.

    Args:
        differences: method minus reference by seed, positive where the method is better, in any order.
        margin: what the task tolerates, at least 0.
        missing: seeds at which the method failed; they speak for neither side.
    """
    seeds = len(differences) + missing
    if not differences:
        return Judgement(Outcome.UNDECIDED, reason="no seed finished beside the reference")
    above, below = sides(differences, margin)
    outcome = decide(above, below, seeds)
    more = further_seeds(above, below, seeds) if outcome is Outcome.UNDECIDED else None
    return Judgement(
        outcome,
        _interval(differences, seeds),
        _chance_of_at_least(above, seeds),
        more,
        _reason(outcome, more, seeds),
    )


def sides(differences: Sequence[float], margin: float) -> tuple[int, int]:
    """Return how many differences lie above and how many below minus the margin."""
    above = sum(d > -margin + _TIE for d in differences)
    return above, sum(d < -margin - _TIE for d in differences)


def decide(above: int, below: int, seeds: int) -> Outcome:
    """Return the outcome for the seeds above and below minus the margin."""
    needed = seeds_needed(seeds)
    if above >= needed:
        return Outcome.NOT_WORSE
    return Outcome.WORSE if below >= needed else Outcome.UNDECIDED


def further_seeds(above: int, below: int, seeds: int) -> int | None:
    """Return the fewest further seeds that decide if the shares above and below persist; None if none do."""
    totals = np.arange(max(seeds + 1, MIN_PAIRS), _MOST + 1)
    needed = np.array(_bounds(_MOST)[totals[0] :]) if len(totals) else totals
    decides = np.rint(max(above, below) * totals / seeds) >= needed
    return int(totals[decides][0]) - seeds if decides.any() else None


def seeds_needed(seeds: int) -> int:
    """Return how many of the seeds must lie on one side; more than there are where nothing can decide."""
    return _bounds(max(seeds, _MOST))[seeds]


def _chance_of_at_least(above: int, seeds: int) -> float:
    """Return the chance that so many of the seeds lie above when each does with a chance of one half."""
    reached, ways = 0, math.comb(seeds, above)
    for k in range(above, seeds + 1):
        reached += ways
        ways = ways * (seeds - k) // (k + 1)  # the next binomial coefficient, exactly
    return reached / (1 << seeds)


@cache
def _bounds(most: int) -> tuple[int, ...]:
    """Return c_n for n = 0 ... most.

    `inside` holds, by the number above, the chance of it without having reached a bound before, when each
    seed lies above with a chance of one half.
    """
    bounds, spent, inside = [1], 0.0, np.ones(1)
    for seeds in range(1, most + 1):
        inside = np.convolve(inside, [0.5, 0.5])
        bounds.append(seeds + 1)
        if seeds < MIN_PAIRS:
            continue
        reached = np.cumsum(inside[::-1])[::-1]
        affordable = np.flatnonzero(spent + reached <= _spending(seeds) + 1e-12)
        if len(affordable):
            bounds[-1] = int(affordable[0])
            spent += float(reached[affordable[0]])
            inside[affordable[0] :] = 0.0
    return tuple(bounds)


def _spending(seeds: int) -> float:
    """Return alpha_n: five seeds of five above are allowed to decide, the rest is spent slowly."""
    kept: float = ALPHA - 2.0**-MIN_PAIRS
    return ALPHA - kept * MIN_PAIRS / seeds


def _interval(differences: Sequence[float], seeds: int) -> tuple[float | None, float, float | None]:
    """Return the order statistics that the bounds speak of, around the median."""
    ordered, needed = sorted(differences), seeds_needed(seeds)
    bounded = needed <= len(ordered)
    low, high = (ordered[-needed], ordered[needed - 1]) if bounded else (None, None)
    return low, median(ordered), high


def _reason(outcome: Outcome, more: int | None, seeds: int) -> str:
    if outcome is not Outcome.UNDECIDED:
        return ""
    if more is None:
        return "the seeds lie on both sides of the margin"
    if seeds < MIN_PAIRS:
        return f"the paired test needs {MIN_PAIRS} seeds; there {'is' if seeds == 1 else 'are'} {seeds}"
    return f"{seeds} seeds lie on both sides of the margin"
