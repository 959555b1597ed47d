"""Measured trials as anchors of the projection: costs rescaled, chances of equal quality replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwatt.core.comparison import Comparison, compare_all
from qwatt.core.judgement import Outcome
from qwatt.core.registry import all_tasks
from qwatt.core.run_folder import RunFolder
from qwatt.core.trial import Trial
from qwatt.projection.scaling import Anchor, Card, anchor
from qwatt.projection.scaling.card import Symbol
from qwatt.projection.spread import Span
from qwatt.projection.verdicts.money import rates


@dataclass(frozen=True)
class Measured:
    """What a run says about the cards.

    Args:
        trials: its trials.
        comparisons: its comparisons at equal quality.
    """

    trials: Sequence[Trial]
    comparisons: Sequence[Comparison]

    def reached(self, card: Card) -> bool | None:
        """Return whether the quality was not worse at the last size that decided; None if none did."""
        verdicts = [
            row.outcome.passed
            for comparison in self.comparisons
            for row in comparison.rows
            if comparison.task == card.task
            and row.method == card.method
            and row.outcome is not Outcome.UNDECIDED
        ]
        return verdicts[-1] if verdicts else None

    def quality(self, task: str, method: str) -> list[float]:
        """Return a method's qualities over seeds; "classical" gives the best classical method's."""
        for comparison in self.comparisons:
            name = comparison.reference if method == "classical" else method
            if comparison.task == task:
                return [t.quality for t in self.trials if _is(t, task, name) and t.quality is not None]
        return []


def measured(folder: RunFolder | None) -> Measured:
    """Return what a run folder says; without one, nothing."""
    if folder is None:
        return Measured((), ())
    trials = folder.trials()
    tasks = {name: cls() for name, cls in all_tasks().items()}
    return Measured(trials, compare_all(trials, tasks))


def anchored(
    cards: Mapping[str, Card], sizes: Mapping[str, Span], found: Measured
) -> tuple[dict[str, Card], list[dict[str, Any]]]:
    """Return the cards after the trials, and what was changed as records."""
    if not found.trials:
        return dict(cards), []
    ladders = {name: cls.sizes for name, cls in all_tasks().items()}
    result, records = dict(cards), []
    for name, card in cards.items():
        tied = anchor(card, found.trials, sizes, ladders.get(card.task, {}))
        after = card if tied is None else tied.card
        reached = found.reached(card) if card.quality else None
        if reached is not None and after.quality is not None:
            after = replace(after, quality=_replaced(after.quality, reached), measured=True)
        result[name] = after
        if tied is not None or after is not card:
            records.append(_record(card, tied, reached))
    return result, records


def _record(card: Card, tied: Anchor | None, reached: bool | None) -> dict[str, Any]:
    nothing = {"card": card.id, "trials": 0, "size": None, "factors": {}, "applied": False, "reach": {}}
    return (nothing if tied is None else tied.to_record()) | {"reached": reached}


def _replaced(symbol: Symbol, reached: bool) -> Symbol:
    entry = rates()["measured"]["reached" if reached else "missed"]
    return replace(
        symbol,
        value=entry["value"],
        low=entry["low"],
        high=entry["high"],
        source=f"measured trials: target {'reached' if reached else 'not reached'}; {entry['source']}",
    )


def _is(trial: Trial, task: str, method: str | None) -> bool:
    return trial.done and trial.spec.task == task and trial.spec.method == method
