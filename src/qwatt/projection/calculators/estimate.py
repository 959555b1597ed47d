"""What every calculator returns: labelled quantities, the formula, its symbols and its sources."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity

Quantities = Mapping[str, Quantity | Mapping[str, Quantity]]


@dataclass(frozen=True)
class Estimate:
    """One calculator's answer.

    Args:
        name: the calculator, such as "training".
        quantities: by name a quantity, or a group of them by boundary (`energy_kwh.device`).
        formula: what was computed, in the symbols below.
        symbols: each symbol's meaning with the number that was used.
        sources: where formula and constants are from.
        notes: assumptions and limits that a reader must know.

    Raises:
        QwattError: a quantity is negative.
    """

    name: str
    quantities: Quantities
    formula: str
    symbols: Mapping[str, str]
    sources: tuple[str, ...]
    notes: tuple[str, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, quantity in self.flat():
            low = quantity.low if quantity.known else 0.0
            if low is None or not math.isfinite(low) or low < 0:
                raise QwattError(f"{self.name}: {name} came out negative: {quantity}")

    def flat(self) -> Iterator[tuple[str, Quantity]]:
        """Yield every quantity under its dotted name."""
        for name, entry in self.quantities.items():
            if isinstance(entry, Quantity):
                yield name, entry
            else:
                yield from ((f"{name}.{part}", quantity) for part, quantity in entry.items())

    def __getitem__(self, name: str) -> Quantity:
        found = dict(self.flat())
        if name not in found:
            raise KeyError(f"{name}; known: {', '.join(found)}")
        return found[name]

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form: the quantities by name at the top, then formula, symbols, sources, notes."""
        body: dict[str, Any] = {
            name: entry.to_record()
            if isinstance(entry, Quantity)
            else {part: quantity.to_record() for part, quantity in entry.items()}
            for name, entry in self.quantities.items()
        }
        return {
            "estimate": self.name,
            **body,
            "formula": self.formula,
            "symbols": dict(self.symbols),
            "sources": list(self.sources),
            "notes": list(self.notes),
            "inputs": dict(self.inputs),
        }


def unique(*sources: str) -> tuple[str, ...]:
    """Return sources without repetition, in order."""
    return tuple(dict.fromkeys(source for source in sources if source))
