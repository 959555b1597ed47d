"""Why an enhancement got its verdict: the chance, its ceiling, its limit, and what all that rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qwatt.projection.verdicts.limits import MEANINGS, Shares
from qwatt.projection.verdicts.rules import Judgement, threshold

_PLAIN = 1e3
"""Below it a factor is written out, from it on as a power of ten."""


@dataclass(frozen=True)
class Facts:
    """What the reasons are taken from.

    Args:
        judgement: the verdict and its probabilities.
        measured: whether trials measured the quality.
        p_last: probability of having broken even by the last year.
        p_pays: probability that a pilot repays itself.
        gap: median joules over the best classical method's in the last year on a machine of any size.
        shares: in which shares of the futures it fails, and how.
        ceiling: what a free QPU would save, as the record has it.
        why_not_today: why no QPU in service can run it.
    """

    judgement: Judgement
    measured: bool
    p_last: float
    p_pays: float
    gap: float | None
    shares: Shares
    ceiling: Mapping[str, Any]
    why_not_today: str = ""


def why(facts: Facts) -> str:
    """Return the verdict's reasons in one or two sentences."""
    parts = [
        f"P(less energy than the best classical method by the last year) is {share_text(facts.p_last)}",
        _ceiling(facts),
        *_limits(facts),
        *_basis(facts),
    ]
    if facts.why_not_today:
        parts.append(f"today: {facts.why_not_today}")
    if facts.judgement.on_threshold:
        parts.append(f"on a threshold: more futures may turn it into {facts.judgement.on_threshold!r}")
    return "; ".join(parts) + "."


def share_text(p: float) -> str:
    """Write a probability or share without false certainty."""
    return "below 0.1 %" if p < 1e-3 else f"{100 * p:.2g} %"


def _ceiling(facts: Facts) -> str:
    found = facts.ceiling
    if found["kwh_p90"] <= 0:
        return "a free QPU would save nothing"
    if found["share"] is None:
        return f"a free QPU would save {found['kwh']:.2g} kWh, of a life of unknown energy"
    little = found["share"] < threshold("least_share") or found["usd"] < threshold("least_usd")
    text = f"a free QPU would save {share_text(found['share'])} of the life, {found['usd']:,.0f} USD"
    return text + (", which is immaterial" if little else "")


def _limits(facts: Facts) -> list[str]:
    """Return what stops it, unless it is to be used."""
    limit = facts.shares.limit
    if facts.judgement.word == "use now" or limit is None:
        return []
    parts = [f"limit: {limit}, {MEANINGS[limit]}"]
    if limit in ("size", "hardware") and facts.gap is not None and facts.gap > 1:
        often = f"{facts.gap:.3g}" if facts.gap < _PLAIN else f"10^{math.log10(facts.gap):.0f}"
        parts.append(f"a machine of any size would need {often} times the joules in the last year")
    return parts


def _basis(facts: Facts) -> list[str]:
    if facts.measured:
        return []
    quality = 1.0 - facts.shares.misses_quality
    parts = [f"equal quality is judged and not measured ({share_text(quality)})"]
    if facts.p_pays > facts.p_last and facts.p_pays >= threshold("watch"):
        parts.append(f"so is that better solutions repay a pilot ({share_text(facts.p_pays)})")
    return parts
