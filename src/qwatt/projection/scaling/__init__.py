"""Scaling cards: the cost of every enhancement and every classical baseline as formulas of problem size."""

from qwatt.projection.scaling.anchor import Anchor, anchor
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.evaluate import UnitCosts, central, evaluate
from qwatt.projection.scaling.load import all_cards, enhancements, find_card, rivals
from qwatt.projection.scaling.sizes import Size, scenario_sizes
from qwatt.projection.scaling.today import today

__all__ = [
    "Anchor",
    "Card",
    "Size",
    "UnitCosts",
    "all_cards",
    "anchor",
    "central",
    "enhancements",
    "evaluate",
    "find_card",
    "rivals",
    "scenario_sizes",
    "today",
]
