"""Which QPUs a plan shows, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwatt.core.errors import unknown_name
from qwatt.energy.qpu import get_qpu

KEYS = {"energy": "energy_j", "usd": "usd", "time": "seconds"}
FEW = 3

Costs = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class QpuChoice:
    """The QPUs to show.

    Args:
        only: their ids; empty for all.
        count: the most that a table shows; None for all.
        key: the field of a cost that orders them, those that can run the work before the others.
    """

    only: Sequence[str] = ()
    count: int | None = FEW
    key: str = "energy_j"

    def of(self, costs: Costs) -> dict[str, Any]:
        """Return the costs of the chosen QPUs in order; what is unknown comes last."""
        chosen = {name: cost for name, cost in costs.items() if not self.only or name in self.only}
        return dict(sorted(chosen.items(), key=lambda item: self._rank(item[1])))

    def _rank(self, cost: Mapping[str, Any]) -> tuple[bool, bool, float]:
        value = number(cost[self.key])
        return not cost["executable"], value is None, value or 0.0


def chosen(qpus: Sequence[str] | None, every: bool, sort: str) -> QpuChoice:
    """Return the choice of a command line.

    Raises:
        QwattError: no such QPU, or no such order.
    """
    if sort not in KEYS:
        raise unknown_name("order", sort, KEYS, where="sort")
    only = [get_qpu(name, "qpu").id for name in qpus or ()]
    return QpuChoice(only, None if every or only else FEW, KEYS[sort])


def number(record: Mapping[str, Any] | float | None) -> float | None:
    """Return the value of a record that may be a bare number."""
    return record.get("value") if isinstance(record, Mapping) else record
