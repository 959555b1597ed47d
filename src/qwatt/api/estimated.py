"""The answer of a calculator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwatt.api.result import Result, Row
from qwatt.core.quantity import Quantity

_QUANTITY = {"value", "low", "high", "unit", "basis"}


@dataclass(frozen=True, repr=False)
class Estimated(Result):
    """Quantities by name, with what they rest on. `found["energy_kwh.facility"]` is a `Quantity`.

    Args:
        record: what the verb prints with `--json`.
    """

    record: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Return what was estimated, from which inputs, and its first energy."""
        given = ", ".join(f"{name} {_short(value)}" for name, value in self.record["inputs"].items() if value)
        named = self.record.get("estimate") or self.record.get("qpu") or "error-corrected machine"
        energies = [str(q) for name, q in self.quantities.items() if name in _ENERGIES and q.known]
        return f"{named} ({given})" + (f": {energies[0]}" if energies else "")

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Every quantity under its dotted name."""
        return dict(_quantities(self.record))

    def __getitem__(self, name: str) -> Quantity:
        found = self.quantities
        if name not in found:
            raise KeyError(f"{name}; known: {', '.join(found)}")
        return found[name]

    @property
    def formula(self) -> Any:
        """What was computed."""
        return self.record["formula"]

    @property
    def sources(self) -> Sequence[str]:
        """Where formula and constants are from."""
        return list(self.record["sources"])

    def rows(self) -> Sequence[Row]:
        """Return a row a quantity: value, interval, unit, basis, boundary, and the reason if there is one."""
        return [{"quantity": name, "reason": None} | q.to_record() for name, q in self.quantities.items()]

    def to_dict(self) -> dict[str, Any]:
        """Return what `qwatt estimate` prints with `--json`."""
        return dict(self.record)


_ENERGIES = ("energy_kwh.facility", "energy_per_request.facility", "energy_j")


def _quantities(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Quantity]]:
    for name, entry in record.items():
        if not isinstance(entry, Mapping):
            continue
        if set(entry) >= _QUANTITY:
            yield prefix + name, Quantity.from_record(dict(entry))
        else:
            yield from _quantities(entry, f"{prefix}{name}.")


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
