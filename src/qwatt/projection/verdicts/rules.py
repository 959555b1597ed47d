"""The rules of every verdict, in one place: code decides by them, and pages print them.

Read from the top; the first rule that holds gives the word. `MEASURED` judges a method of a run on today's
machines, `PROJECTED` an enhancement over the years ahead. Thresholds are in `catalogue/enhancements.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from qwatt.core.judgement import Outcome
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
class ProjectedFacts:
    """What the rules of an enhancement look at.

    Args:
        runs_today: whether a QPU in service can run a unit of work with a readable signal.
        p_advantage: by year the probability of having broken even.
        p_pays: probability that a pilot repays itself.
        npv_median_usd: median net present value.
        gap: median joules over the best classical method's in the last year, where a machine of any size is
            granted; None where that is not finite.
        why_not_today: why no QPU in service can run it.
    """

    runs_today: bool
    p_advantage: Mapping[int, float]
    p_pays: float
    npv_median_usd: float
    gap: float | None = None
    why_not_today: str = ""

    @property
    def last_year(self) -> int:
        """The last year that was looked at."""
        return max(self.p_advantage)

    def by(self, years: float) -> float:
        """Return the probability of having broken even so many years after the first one."""
        first = min(self.p_advantage)
        return self.p_advantage[max(year for year in self.p_advantage if year <= first + years)]


@dataclass(frozen=True)
class Rule(Generic[F]):
    """A verdict's word and when it holds.

    Args:
        word: the verdict.
        when: the condition in words; thresholds stand in braces by their names in the catalogue.
        holds: the condition.
    """

    word: str
    when: str
    holds: Callable[[F], bool]


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

PROJECTED: tuple[Rule[ProjectedFacts], ...] = (
    Rule(
        "use now",
        "a QPU in service can run it, it needs less energy than the best classical method in the first year "
        "with a probability of at least {use_now:g}, and the median net present value is above zero",
        lambda facts: facts.runs_today and facts.by(0) >= threshold("use_now") and facts.npv_median_usd > 0,
    ),
    Rule(
        "pilot",
        "a QPU in service can run it, and with a probability of at least {pilot:g} it either needs less "
        "energy within {near_years:g} years or repays a pilot over the model's life",
        lambda facts: (
            facts.runs_today and max(facts.by(threshold("near_years")), facts.p_pays) >= threshold("pilot")
        ),
    ),
    Rule(
        "watch",
        "with a probability of at least {watch:g} it needs less energy by the last year, or repays a pilot",
        lambda facts: max(facts.p_advantage[facts.last_year], facts.p_pays) >= threshold("watch"),
    ),
    Rule("do not", "anything else, and a task without any quantum method", lambda facts: True),
)


def decide(rules: Sequence[Rule[F]], facts: F) -> str:
    """Return the word of the first rule that holds."""
    return next(rule.word for rule in rules if rule.holds(facts))


def written(rules: Sequence[Rule[F]]) -> list[tuple[str, str]]:
    """Return the rules for people, in the order of reading: word, and condition with its thresholds."""
    thresholds = {name: threshold(name) for name, entry in rates()["verdict"].items() if "value" in entry}
    return [(rule.word, rule.when.format(**thresholds)) for rule in rules]
