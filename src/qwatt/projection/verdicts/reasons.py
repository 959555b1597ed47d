"""Why an enhancement got its verdict, in one or two sentences."""

from __future__ import annotations

from qwatt.projection.verdicts.rules import ProjectedFacts, threshold


def why(facts: ProjectedFacts, word: str) -> str:
    """Return the verdict's reasons in one or two sentences."""
    year = facts.last_year
    last = facts.p_advantage[year]
    parts = [f"P(less energy than the best classical method by {year}) is {share_text(last)}"]
    if word in ("pilot", "watch") and facts.p_pays >= threshold("watch"):
        basis = ", by better solutions than the classical ones, which is judged and not measured"
        parts.append(
            f"P(a pilot repays itself) is {share_text(facts.p_pays)}{basis if facts.p_pays > last else ''}"
        )
    if facts.gap is not None and facts.gap > 1:
        parts.append(f"even a machine of any size would need {facts.gap:.2g} times the joules in {year}")
    if not facts.runs_today and facts.why_not_today:
        parts.append(f"today: {facts.why_not_today}")
    return "; ".join(parts) + "."


def share_text(p: float) -> str:
    """Write a probability or share without false certainty."""
    return "below 0.1 %" if p < 1e-3 else f"{100 * p:.2g} %"
