"""What a stretch of the user's own work took: one row of `energy.jsonl`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from qwatt.core.energy_record import energy_from_record, energy_record
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity

FORMAT = 1
LONGEST_S = 1e12
"""Seconds, of all cores: thirty thousand years."""
STATUSES = ("open", "done", "failed")


@dataclass(frozen=True)
class StageEnergy:
    """One recorded stretch of work; the last row of an id is what is known of it.

    Args:
        id: of the stretch, unique among all processes.
        stage: one of the seven.
        label: what it was, in the user's words.
        status: "done"; "failed" where the work raised; "open" where it goes on, or its process was killed.
        started: UTC, such as "2026-01-31T12:00:00Z".
        seconds: wall time.
        energy: joules up to the row's writing, with basis and boundary; unknown with a reason.
        cpu_seconds: CPU time of the process tree.
        peak_rss_bytes: highest resident memory seen.
        counts: what was done, such as {"tokens": 1e6, "requests": 20}.
        facts: further facts, such as the accelerators' names.
        part_of: id of the stretch that contains this one; a part is in no sum.
        process: number of the process.
        environment: id of the environment in `environment.json`.
        flags: remarks of the meter.
        error: what the work raised.
    """

    id: str
    stage: str
    label: str
    status: str
    started: str
    seconds: float
    energy: Quantity
    cpu_seconds: float = 0.0
    peak_rss_bytes: int = 0
    counts: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    part_of: str | None = None
    process: int = 0
    environment: str = ""
    flags: tuple[str, ...] = ()
    error: str | None = None

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        plain = asdict(self) | {"energy": energy_record(self.energy), "flags": list(self.flags)}
        return {"format": FORMAT} | plain

    @classmethod
    def from_record(cls, record: Any) -> StageEnergy:
        """Rebuild a row.

        Raises:
            QwattError: a field is missing, unknown or of the wrong type, or the format is a later one.
        """
        if not isinstance(record, Mapping) or record.get("format") != FORMAT:
            found = record.get("format") if isinstance(record, Mapping) else record
            raise QwattError(f"format {found!r}; this version of qwatt reads {FORMAT}", mend="update qwatt")
        values = {name: value for name, value in record.items() if name != "format"}
        strange = set(values) - {one.name for one in fields(cls)}
        if strange:
            raise QwattError(f"unknown field {min(strange)!r}", mend="update qwatt")
        try:
            row = cls(
                **values | {"energy": energy_from_record(values["energy"]), "flags": tuple(values["flags"])}
            )
            _check(row)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise QwattError(f"not a row of recorded energy: {error}") from error
        return row


def _check(row: StageEnergy) -> None:
    """Refuse values of the wrong type; what a sum or a page takes for granted."""
    from qwatt.core.task import STAGES

    if row.stage not in STAGES or row.status not in STATUSES:
        raise ValueError(f"stage {row.stage!r}, status {row.status!r}")
    datetime.fromisoformat(row.started).timestamp()  # of a year that has one
    texts = (row.id, row.label, row.started, row.environment, *row.flags)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text is no text")
    if not all(isinstance(text, str | None) for text in (row.part_of, row.error)):
        raise TypeError("part_of or error is no text")
    if not isinstance(row.facts, Mapping) or not isinstance(row.counts, Mapping):
        raise TypeError("facts or counts are no table")
    json.dumps(row.facts, allow_nan=False)  # of readers, not all take NaN
    times = (row.seconds, row.cpu_seconds)
    numbers = (*times, row.peak_rss_bytes, *row.counts.values())
    if not all(_is_number(n) and n >= 0 for n in numbers) or max(times) > LONGEST_S:
        raise ValueError("a number is none, negative or beyond bounds")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
