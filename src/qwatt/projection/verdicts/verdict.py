"""The verdict on an enhancement over the years ahead, by a written rule.

Read from the top; the first that holds is the verdict. Thresholds are in `catalogue/enhancements.toml`.

use now   a QPU in service can run it, it needs less energy than the best classical method in the first year
          with a probability of at least 0.8, and the median net present value is above zero
pilot     a QPU in service can run it, and with a probability of at least 0.2 it either needs less energy
          within three years or repays a pilot over the model's life
watch     with a probability of at least 0.05 it needs less energy by the last year, or repays a pilot
do not    anything else, and a task without any quantum method
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from qwatt.projection.verdicts.money import rates

Word = Literal["use now", "pilot", "watch", "do not"]
WORDS: tuple[Word, ...] = ("use now", "pilot", "watch", "do not")


@dataclass(frozen=True)
class Facts:
    """What the rule looks at.

    Args:
        runs_today: whether a QPU in service can run a unit of work with a readable signal.
        p_advantage: by year the probability of having broken even.
        p_pays: probability that a pilot repays itself.
        npv_median_usd: median net present value.
        gap: median joules over the best classical method's by year, where a machine of any size is granted;
            None where that is not finite.
        why_not_today: why no QPU in service can run it.
    """

    runs_today: bool
    p_advantage: Mapping[int, float]
    p_pays: float
    npv_median_usd: float
    gap: float | None = None
    why_not_today: str = ""


@cache
def threshold(name: str) -> float:
    """Return a threshold of the rule."""
    return float(rates()["verdict"][name]["value"])


def verdict(facts: Facts) -> Word:
    """Return the word of the rule."""
    years = sorted(facts.p_advantage)
    now, last = facts.p_advantage[years[0]], facts.p_advantage[years[-1]]
    near = facts.p_advantage[max(y for y in years if y <= years[0] + threshold("near_years"))]
    if facts.runs_today and now >= threshold("use_now") and facts.npv_median_usd > 0:
        return "use now"
    if facts.runs_today and max(near, facts.p_pays) >= threshold("pilot"):
        return "pilot"
    return "watch" if max(last, facts.p_pays) >= threshold("watch") else "do not"


def why(facts: Facts, word: Word) -> str:
    """Return the verdict's reasons in one or two sentences."""
    years = sorted(facts.p_advantage)
    last = facts.p_advantage[years[-1]]
    parts = [f"P(less energy than the best classical method by {years[-1]}) is {share_text(last)}"]
    if word in ("pilot", "watch") and facts.p_pays >= threshold("watch"):
        basis = ", by better solutions than the classical ones, which is judged and not measured"
        parts.append(
            f"P(a pilot repays itself) is {share_text(facts.p_pays)}{basis if facts.p_pays > last else ''}"
        )
    if facts.gap is not None and facts.gap > 1:
        parts.append(f"even a machine of any size would need {facts.gap:.2g} times the joules in {years[-1]}")
    if not facts.runs_today and facts.why_not_today:
        parts.append(f"today: {facts.why_not_today}")
    return "; ".join(parts) + "."


def share_text(p: float) -> str:
    """Write a probability or share without false certainty."""
    return "below 0.1 %" if p < 1e-3 else f"{100 * p:.2g} %"
