"""How scaling cards and built methods fit: both are called "stage/task/method"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qwatt.core.registry import all_methods
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.load import all_cards


@dataclass(frozen=True)
class Coverage:
    """How cards and methods fit.

    Args:
        both: ids that have a card and a method.
        without_card: methods that are measured and not projected.
        not_built: cards that say in the catalogue that no method is built.
        lost: cards that count on a method that does not exist, as after a rename.
        unsaid: cards that say that no method is built, where one is.
        unlike: by id the kind of the card and the kind of the method, where they differ.
    """

    both: frozenset[str]
    without_card: frozenset[str]
    not_built: frozenset[str]
    lost: frozenset[str]
    unsaid: frozenset[str]
    unlike: Mapping[str, tuple[str, str]]


def coverage() -> Coverage:
    """Compare every card with the registry."""
    return coverage_of(all_cards(), {f"{m.task}/{m.name}": m.kind.value for m in all_methods()})


def coverage_of(cards: Mapping[str, Card], kinds: Mapping[str, str]) -> Coverage:
    """Compare cards with the kinds of the built methods, both by id."""
    declared = frozenset(name for name, card in cards.items() if card.built)
    both = cards.keys() & kinds.keys()
    return Coverage(
        both=frozenset(both),
        without_card=frozenset(kinds.keys() - cards.keys()),
        not_built=frozenset(cards.keys() - declared - kinds.keys()),
        lost=frozenset(declared - kinds.keys()),
        unsaid=frozenset(both - declared),
        unlike={name: (cards[name].kind, kinds[name]) for name in both if cards[name].kind != kinds[name]},
    )
