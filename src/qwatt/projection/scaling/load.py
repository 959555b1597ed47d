"""Reads the scaling cards of `catalogue/scaling_<stage>.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from qwatt import catalogue
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.registry import AnyMethod
from qwatt.core.task import STAGES
from qwatt.projection.scaling.card import CLASSICAL_COSTS, DEMANDS, Card, Formula, Symbol
from qwatt.projection.scaling.expression import calls_in
from qwatt.quantum.primitives.named import primitives

_SHARED = ("symbols", "formulas", "trial_sizes")


@cache
def all_cards() -> Mapping[str, Card]:
    """Return every card by id, in the order of the stages.

    Raises:
        QwattError: a card is incomplete; names card and symbol.
    """
    cards = [card for stage in STAGES for card in _stage(stage)]
    return {card.id: card for card in cards}


def find_card(name: str) -> Card:
    """Return a card by "stage/task/method", or by the method's name where only one task has it.

    Raises:
        QwattError: no such card, or several; names the nearest ones.
    """
    cards = all_cards()
    if name in cards:
        return cards[name]
    same = [card for card in cards.values() if card.method == name or card.id.endswith("/" + name)]
    if len(same) == 1:
        return same[0]
    if same:
        names = ", ".join(card.id for card in same)
        raise QwattError(f"several cards are called {name!r}", where="card", mend=f"give one of {names}")
    raise unknown_name("scaling card", name, [*cards, *(card.method for card in cards.values())])


def card_of(method: type[AnyMethod]) -> Card | None:
    """Return the card of a method class, or None where it is not projected."""
    return all_cards().get(f"{method.task}/{method.name}")


def enhancements() -> list[Card]:
    """Return the quantum enhancements, and the rows of tasks that have none, in the order of the stages."""
    return [card for card in all_cards().values() if card.kind in ("quantum", "none")]


def rivals(card: Card) -> list[Card]:
    """Return the classical cards that an enhancement has to beat.

    Raises:
        QwattError: the task has no classical card, or a named rival does not exist.
    """
    mates = {c.method: c for c in all_cards().values() if c.task == card.task}
    if card.rivals:
        unknown = [name for name in card.rivals if name not in mates]
        if unknown:
            raise unknown_name("rival", unknown[0], mates, where=card.id)
        return [mates[name] for name in card.rivals]
    found = [c for c in mates.values() if c.kind == "classical"]
    if not found:
        raise QwattError("the task has no classical card", where=card.id)
    return found


def _stage(stage: str) -> list[Card]:
    cards = []
    for task, table in catalogue.load(f"scaling_{stage}").items():
        if not isinstance(table, Mapping):
            continue
        for method, entry in table.items():
            if method not in _SHARED and isinstance(entry, Mapping):
                cards.append(_card(f"{stage}/{task}/{method}", entry, table))
    return cards


def _card(name: str, entry: Mapping[str, Any], task: Mapping[str, Any]) -> Card:
    missing = [key for key in ("name", "kind", "valid") if key not in entry]
    if missing:
        raise QwattError(f"the card lacks {', '.join(missing)}", where=name)
    symbols = {**task.get("symbols", {}), **entry.get("symbols", {})}
    formulas = {**task.get("formulas", {}), **entry.get("formulas", {})}
    card = Card(
        id=name,
        name=entry["name"],
        kind=entry["kind"],
        unit=entry.get("unit", task["unit"]),
        times=entry.get("times", task["times"]),
        costs={key: entry[key] for key in CLASSICAL_COSTS if key in entry},
        demands=_demands(name, entry),
        symbols={key: _symbol(key, item) for key, item in symbols.items()},
        formulas=tuple(Formula(key, *parts) for key, parts in formulas.items()),
        source=entry.get("source", task["source"]),
        valid=entry["valid"],
        read=entry.get("read", "mean"),
        quality=_symbol("quality", entry["quality"]) if "quality" in entry else None,
        upside=_symbol("upside", entry["upside"]) if "upside" in entry else None,
        rivals=tuple(entry.get("rivals", ())),
        article=entry.get("article", ""),
        note=entry.get("note", ""),
        trial_sizes=dict(entry.get("trial_sizes", {} if "unit" in entry else task.get("trial_sizes", {}))),
        built=entry.get("built", task.get("built", True)),
        progress=entry.get("progress", task.get("progress", "general")),
    )
    card.check()
    if card.kind == "quantum" and (not card.demands or card.quality is None):
        raise QwattError("a quantum card needs a demand and a quality", where=name)
    return card


def _demands(where: str, entry: Mapping[str, Any]) -> dict[str, str | Mapping[str, str]]:
    """Return the alternatives of `demand`, which are calls of primitives, and those given by formulas."""
    asked = entry.get("demand", ())
    calls = [asked] if isinstance(asked, str) else asked
    found: dict[str, str | Mapping[str, str]] = {_kind(text, where): text for text in calls}
    if len(found) < len(calls):
        raise QwattError("two demands are of one kind", where=where, mend="add them with +")
    return found | {key: dict(entry[key]) for key in DEMANDS if key in entry}


def _kind(text: str, where: str) -> str:
    outermost = calls_in(text)[:1]
    if not outermost or outermost[0].gives not in DEMANDS:
        bills = ", ".join(name for name, p in primitives().items() if p.gives in DEMANDS)
        raise QwattError(f"the demand {text!r} is no bill", where=where, mend=f"call one of {bills}")
    return outermost[0].gives


_MEANING = {
    "quality": "probability that it reaches the best classical quality at this cost",
    "upside": "share of the stage's energy that better solutions than the classical ones could save",
}


def _symbol(name: str, entry: Mapping[str, Any]) -> Symbol:
    if "from" in entry:
        entry = _elsewhere(entry["from"]) | {"meaning": entry["meaning"]}
    return Symbol(
        name=name,
        value=float(entry["value"]),
        low=float(entry.get("low", entry["value"])),
        high=float(entry.get("high", entry["value"])),
        unit=entry["unit"],
        meaning=entry.get("meaning", _MEANING.get(name, "")),
        source=entry["source"],
        confidence=entry["confidence"],
    )


def _elsewhere(dotted: str) -> dict[str, Any]:
    """Return a number of another catalogue, such as "llm.tokenise.tiktoken"."""
    name, *keys = dotted.split(".")
    entry: Any = catalogue.load(name)
    for key in keys:
        if key not in entry:
            raise unknown_name("number", key, entry, where=dotted)
        entry = entry[key]
    return dict(entry)
