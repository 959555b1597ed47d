"""A lever: one method as a decision, with what it saves over the life, what it costs, and its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Amount = Mapping[str, Any]
"""Of a saving: value, low, high and basis; value None where unknown."""


@dataclass(frozen=True)
class Lever:
    """One method of a task as a decision for a scenario; None is unknown, and `why` says why.

    Args:
        id, stage, task, name, kind: the method.
        saved_kwh: facility energy saved over the life, before the lever's own cost.
        saved_usd, saved_co2e_kg: the same in money and carbon of operation.
        cost_usd, cost_kwh: what it takes to do it, once; people contained in the money.
        payback_requests: served requests after which it has paid for itself; 0 where that is before serving,
            None where it never is.
        payback_days: the same in days of service.
        assumed_share: the part of the saving that rests on assumptions, from 0 to 1.
        verdict: the word.
        why: in a sentence.
        effect: what the saving is derived from, as a record; empty where nothing is known.
        built: whether qwatt has the method, or only its card.
        in_place: whether the scenario has it already: the saving is what it is worth today.
        verdict_probabilities: by word.
        on_threshold: what a little more would turn the verdict into; empty where it would not.
    """

    id: str
    stage: str
    task: str
    kind: str
    name: str
    saved_kwh: Amount
    saved_usd: float | None
    saved_co2e_kg: float | None
    cost_usd: float | None
    cost_kwh: float | None
    payback_requests: float | None
    payback_days: float | None
    assumed_share: float | None
    verdict: str
    why: str
    effect: Mapping[str, Any] = field(default_factory=dict)
    built: bool = True
    in_place: bool = False
    verdict_probabilities: Mapping[str, float] = field(default_factory=dict)
    on_threshold: str = ""
    by_stage: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def net_kwh(self) -> float:
        """Energy saved once its own is paid; what is unknown counts as nothing saved."""
        saved = self.saved_kwh["value"]
        return 0.0 if saved is None else float(saved) - (self.cost_kwh or 0.0)

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in ((name, getattr(self, name)) for name in self.__dataclass_fields__)
        }


def unknown_amount() -> dict[str, Any]:
    """Return a saving of which nothing is known."""
    return {"value": None, "low": None, "high": None, "basis": None}


def payback(cost: float, saved_before: float, saved_in_service: float, requests: float) -> float | None:
    """Return the requests after which a saving has covered a cost; None where it never does.

    Args:
        cost: once, before serving.
        saved_before: saved before serving begins, in the same unit.
        saved_in_service: saved in service over all requests.
        requests: over the life.
    """
    left = cost - saved_before
    if left <= 0:
        return 0.0
    if saved_in_service <= 0 or requests <= 0:
        return None
    return left / saved_in_service * requests


def in_days(after: float | None, requests: float, days: float) -> float | None:
    """Return the days of service in which so many requests of the life's come; None stays None."""
    if after is None or after == 0:
        return after
    return after / requests * days
