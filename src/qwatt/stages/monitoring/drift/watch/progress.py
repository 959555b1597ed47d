"""Where a watch is: what the checkpoint holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity, total


@dataclass
class Progress:
    """Counts of everything up to the end of the last window.

    Args:
        lines: of the input.
        checksum: CRC-32 of these lines, so that an input that is replayed is known to be the same.
        windows: looked at.
        rows: in them.
        alerts: windows that were alarms.
        bad: rows set aside, by reason.
        energy: of all processes that worked on this watch; None before the first commit.
    """

    lines: int = 0
    checksum: int = 0
    windows: int = 0
    rows: int = 0
    alerts: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    energy: Quantity | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Progress:
        """Rebuild it from a checkpoint."""
        energy = record["energy"]
        return cls(
            **{name: record[name] for name in ("lines", "checksum", "windows", "rows", "alerts")},
            bad=Counter(record["bad"]),
            energy=None if energy is None else Quantity.from_record(energy),
        )

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "lines": self.lines,
            "checksum": self.checksum,
            "windows": self.windows,
            "rows": self.rows,
            "alerts": self.alerts,
            "bad": dict(self.bad),
            "energy": None if self.energy is None else self.energy.to_record(),
        }

    def reasons(self) -> str:
        """Return why rows could not be used, the most frequent reason first."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self.bad.most_common())

    def charge(self, energy: Quantity) -> None:
        """Add what was spent since the last commit; parts that cannot be added make the sum unknown."""
        try:
            self.energy = energy if self.energy is None else total([self.energy, energy])
        except QwattError as error:  # another meter than before the restart
            self.energy = Quantity.unknown(error.what, boundary=energy.boundary)
