"""Methods and their sources: of what was measured, and of every catalogue entry that was projected."""

from __future__ import annotations

from dataclasses import dataclass

from qwatt.core.registry import get_method
from qwatt.projection.scaling import all_cards
from qwatt.report.part import Part, fill
from qwatt.report.subject import Subject


@dataclass(frozen=True)
class CardEntry:
    """A catalogue entry; `anchor` is its id on the page."""

    anchor: str
    id: str
    name: str
    unit: str
    source: str
    valid: str


def part(subject: Subject) -> Part | None:
    """Return the methods of the run and the cards of the projection with their sources; None without any."""
    methods, cards = _methods(subject), _cards(subject)
    return Part("sources", "", fill("sources", methods=methods, cards=cards)) if methods or cards else None


def _methods(subject: Subject) -> list[tuple[str, str, str, str]]:
    """Return task, method, kind and sources of everything that was measured."""
    found = {
        (comparison.task, row.method): row.kind
        for comparison in subject.comparisons
        for row in comparison.rows
    }
    return [
        (task, name, kind, "; ".join(get_method(task, name).sources)) for (task, name), kind in found.items()
    ]


def _cards(subject: Subject) -> list[CardEntry]:
    if subject.record is None:
        return []
    cards = all_cards()
    known = [cards[entry["id"]] for entry in subject.record["enhancements"] if entry["id"] in cards]
    return [
        CardEntry("card-" + card.id.replace("/", "-"), card.id, card.name, card.unit, card.source, card.valid)
        for card in known
    ]
