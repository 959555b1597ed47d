"""The rules of every verdict, in one place: code decides by them, and pages print them.

Read from the top; the first rule that holds gives the word. `MEASURED` judges a method of a run on today's
machines, `PROJECTED` a lever of any kind over many possible futures. Thresholds and floors are in
`catalogue/enhancements.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, TypeVar

import numpy as np

from qwatt.core.judgement import Outcome
from qwatt.projection.scaling.quantile import Array, Mask
from qwatt.projection.verdicts.money import rates

WORDS = ("use now", "pilot", "watch", "do not")
"""The verdicts, the most favourable first."""

UNDECIDED = "undecided"
"""What is said where a run does not decide."""

Ends = tuple[float, float, float]
F = TypeVar("F")


@dataclass(frozen=True)
class MeasuredFacts:
    """What the rules of a run look at.

    Args:
        quality: whether the quality is worse than the best classical method's.
        runs_today: whether a machine in service can run the method.
        joules, reference_joules: (low, value, high) of the method on that machine and of the best classical
            method, in one unit; None where unknown.
    """

    quality: Outcome
    runs_today: bool
    joules: Ends | None
    reference_joules: Ends | None

    @property
    def pair(self) -> tuple[Ends, Ends] | None:
        """Joules of the method and of the reference, where the quality has earned a comparison."""
        if not self.quality.passed or self.joules is None or self.reference_joules is None:
            return None
        return self.joules, self.reference_joules


@dataclass(frozen=True)
class Rule(Generic[F]):
    """A verdict's word and when it holds.

    Args:
        word: the verdict.
        when: the condition in words; thresholds stand in braces by their names in the catalogue.
        holds: the condition, for one case or as a mask over many.
    """

    word: str
    when: str
    holds: Callable[[F], Any]


@cache
def threshold(name: str) -> float:
    """Return a threshold of the rules."""
    return float(rates()["verdict"][name]["value"])


def _below(facts: MeasuredFacts, own: int, other: int) -> bool:
    """Whether one end of the method's joules (0 low, 1 value, 2 high) is below one of the reference's."""
    return facts.pair is not None and facts.pair[0][own] < facts.pair[1][other]


def _above(facts: MeasuredFacts) -> bool:
    """Whether the method needs more energy, beyond both intervals."""
    return facts.pair is None or facts.pair[0][0] > facts.pair[1][2]


MEASURED: tuple[Rule[MeasuredFacts], ...] = (
    Rule("do not", "the quality is worse", lambda facts: facts.quality is Outcome.WORSE),
    Rule(
        UNDECIDED,
        "the seeds do not decide whether the quality is worse, or an energy is unknown",
        lambda facts: facts.pair is None,
    ),
    Rule(
        "use now",
        "a machine that can run it needs less energy, beyond both intervals",
        lambda facts: facts.runs_today and _below(facts, 2, 0),
    ),
    Rule(
        "pilot",
        "a machine can run it, and the intervals overlap",
        lambda facts: facts.runs_today and not _above(facts),
    ),
    Rule(
        "watch",
        "only machines that cannot run it yet would need less energy",
        lambda facts: not facts.runs_today and _below(facts, 1, 1),
    ),
    Rule("do not", "anything else; the sentence says by how much", lambda facts: True),
)


@dataclass(frozen=True)
class Futures:
    """A lever of any kind in many possible futures; arrays of shape (futures,), booleans but the weights.

    Args:
        runs_today: whether it can be done today: always by classical and inspired methods, by a quantum one
            where a QPU in service runs all the work with a readable signal.
        measured: whether trials say that it reaches the quality or has the effect; else that is judged.
        saves_now, saves_near, saves_ever: whether it takes less energy at equal quality in the first year,
            in one of `near_years`, in any year.
        pays: whether it repays what it costs to do it, and saves energy, better solutions contained.
        share: whether it saves at least the floor's share of the life's energy.
        material: whether it saves that share, and the floor's money.
        worth: whether a free QPU of any size would save that share and that money; what needs no QPU, whether
            it saves as much. To be watched it must do so in most futures, for a judged hope is no ceiling.
        weights: of the futures.
    """

    runs_today: bool
    measured: bool
    saves_now: Mask
    saves_near: Mask
    saves_ever: Mask
    pays: Mask
    share: Mask
    material: Mask
    worth: Mask
    weights: Array


PROJECTED: tuple[Rule[Futures], ...] = (
    Rule(
        "use now",
        "in at least {use_now:.0%} of the futures it can be done today, trials measured its quality, it "
        "saves energy in the first year, at least {least_share:.1%} of the life's, and repays its cost",
        lambda f: f.runs_today & f.measured & f.saves_now & f.share & f.pays,
    ),
    Rule(
        "pilot",
        "in at least {pilot:.0%} that holds, or it can be done today, trials measured its quality, it saves "
        "energy within {near_years:g} years or repays its cost, and that is at least {least_share:.1%} of "
        "the life's energy and {least_usd:,.0f} USD",
        lambda f: f.runs_today & f.measured & (f.saves_near | f.pays) & f.material,
    ),
    Rule(
        "watch",
        "in at least {watch:.0%} one of these holds, or it saves energy by the last year or repays its cost, "
        "and in most futures a free QPU of any size would save at least {least_share:.1%} of the life's "
        "energy and {least_usd:,.0f} USD",
        lambda f: (f.saves_ever | f.pays) & f.worth,
    ),
    Rule(
        "do not",
        "anything else, and a task without any quantum method; the reason names what limits it: quality, "
        "size, hardware, or that it loses by construction",
        lambda f: np.full(f.weights.shape, True),
    ),
)
"""Each holds in a future or not. A word is given when it or a more favourable one holds in enough of them."""


@dataclass(frozen=True)
class Judgement:
    """A verdict over many futures.

    Args:
        word: the verdict.
        probabilities: by word the share of the futures that it is the first to hold in.
        on_threshold: what a few more futures might turn the verdict into; empty where they could not.
    """

    word: str
    probabilities: Mapping[str, float]
    on_threshold: str = ""


def judge(futures: Futures) -> Judgement:
    """Return the verdict on a lever of any kind, by `PROJECTED`.

    It sits on a threshold where a share that decides lies within the catalogue's number of standard errors of
    it, for as many futures as the weights are worth (Kish: (sum w)^2 / sum w^2).
    """
    total, effective = futures.weights.sum(), _effective(futures.weights)
    most = futures.weights[futures.worth].sum() / total
    found = _judged(futures, most >= _MOST, effective)
    unsure = abs(most - _MOST) <= threshold("noise") * (_MOST * (1.0 - _MOST) / effective) ** 0.5
    other = _judged(futures, most < _MOST, effective).word if unsure else found.word
    return found if other == found.word else replace(found, on_threshold=other)


_MOST = 0.5


def _effective(weights: Array) -> float:
    return float(weights.sum() ** 2 / np.square(weights).sum())


def _judged(futures: Futures, watched: bool, effective: float) -> Judgement:
    """Return the verdict, given whether the ceiling is worth watching in most futures."""
    shares = _shares(futures if watched else replace(futures, worth=np.full(futures.worth.shape, False)))
    cumulated = dict(zip(WORDS, np.cumsum([shares[word] for word in WORDS]).tolist(), strict=True))
    noise = {w: threshold("noise") * max(p * (1.0 - p) / effective, 0.0) ** 0.5 for w, p in cumulated.items()}
    word = _word(cumulated)
    ends = [_word({w: p + sign * noise[w] for w, p in cumulated.items()}) for sign in (1, -1)]
    others = [other for other in ends if other != word]
    return Judgement(word, shares, others[0] if others else "")


def _shares(futures: Futures) -> dict[str, float]:
    """Return by word the weighted share of the futures whose first rule it is."""
    left = np.full(futures.weights.shape, True)
    shares = {}
    for rule in PROJECTED:
        here = left & rule.holds(futures)
        shares[rule.word] = float(futures.weights[here].sum() / futures.weights.sum())
        left = left & ~here
    return shares


def _word(cumulated: Mapping[str, float]) -> str:
    """Return the first word whose probability, with those of more favourable ones, reaches its threshold."""
    names = {"use now": "use_now", "pilot": "pilot", "watch": "watch"}
    return next((w for w, name in names.items() if cumulated[w] >= threshold(name)), WORDS[-1])


def decide(rules: Sequence[Rule[F]], facts: F) -> str:
    """Return the word of the first rule that holds."""
    return next(rule.word for rule in rules if rule.holds(facts))


def written(rules: Sequence[Rule[F]]) -> list[tuple[str, str]]:
    """Return the rules for people, in the order of reading: word, and condition with its thresholds."""
    thresholds = {name: threshold(name) for name, entry in rates()["verdict"].items() if "value" in entry}
    return [(rule.word, rule.when.format(**thresholds).replace("%", "\u00a0%")) for rule in rules]
