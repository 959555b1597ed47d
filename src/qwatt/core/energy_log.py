"""The rows of `energy.jsonl` in a run folder, appended by any number of processes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity, total
from qwatt.core.stage_energy import StageEnergy
from qwatt.core.task import STAGES
from qwatt.core.tidied import tidied

FILE = "energy.jsonl"
LOCK_S = 60.0
"""How long an append waits for other processes."""


@dataclass
class EnergyRows:
    """What a folder's log says.

    Args:
        rows: the last row of every stretch of work, in order of their begin.
        torn: lines that a kill left unfinished; they are left out.
    """

    rows: list[StageEnergy] = field(default_factory=list)
    torn: int = 0

    @property
    def whole(self) -> list[StageEnergy]:
        """The rows that are part of no other."""
        known = {row.id for row in self.rows}
        return [row for row in self.rows if row.part_of not in known]


@dataclass(frozen=True)
class StageTotal:
    """All stretches of one stage.

    Args:
        stage: the stage.
        rows: the stretches, parts left out.
        energies: their sums in joules, one for each boundary that was measured.
        remarks: what a reader must know.
    """

    stage: str
    rows: Sequence[StageEnergy]
    energies: Sequence[Quantity]
    remarks: Sequence[str]

    @property
    def energy(self) -> Quantity:
        """The sum, where there is one boundary; else unknown, as energies of two are not added."""
        if len(self.energies) == 1:
            return self.energies[0]
        parts = ", ".join(f"{energy}, boundary {energy.boundary}" for energy in self.energies)
        return Quantity.unknown(f"measured at different boundaries, which are not added: {parts}")

    @property
    def seconds(self) -> float:
        """Their wall times, added."""
        return sum(row.seconds for row in self.rows)

    def count(self, unit: str) -> float | None:
        """Return how many of a unit were counted; None where any stretch did not count it."""
        found = [row.counts.get(unit) for row in self.rows]
        return None if None in found else sum(n for n in found if n is not None)

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "stage": self.stage,
            "rows": len(self.rows),
            "seconds": self.seconds,
            "energy": self.energy.to_record(),
            "remarks": list(self.remarks),
        }


def read_energy(folder: Path) -> EnergyRows:
    """Return the rows of a folder; none where nothing was recorded.

    Raises:
        QwattError: a whole line is no row, or was changed after it was written; names the line.
    """
    found: dict[str, StageEnergy] = {}
    result = EnergyRows()
    file = folder / FILE
    if not file.is_file():
        return result
    for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            result.torn += 1
            continue
        try:
            stated = record.pop("sha256", None) if isinstance(record, dict) else None
            if stated != _checksum(record):
                raise QwattError("it was changed after it was written")
            row = StageEnergy.from_record(record)
        except QwattError as error:
            mend = error.mend or "delete the line; what it says is then in no sum"
            raise QwattError(error.what, where=f"{file}, line {number}", mend=mend) from error
        found[row.id] = row
    result.rows = list(found.values())
    return result


@contextmanager
def energy_lock(folder: Path) -> Iterator[None]:
    """Keep other recording processes waiting; the system lifts the lock when the process ends.

    Raises:
        OSError: the folder cannot be written, or stays locked.
    """
    from filelock import FileLock

    with FileLock(folder / ".energy.lock", timeout=LOCK_S):
        yield


def append_energy(folder: Path, row: StageEnergy) -> None:
    """Append a row and force it to disk; a line that a kill left unfinished is closed first.

    Raises:
        OSError: the folder cannot be written, or stays locked.
    """
    record = json.loads(json.dumps(tidied(row.to_record(), frozenset({"id", "part_of"})), allow_nan=False))
    line = json.dumps(record | {"sha256": _checksum(record)}, allow_nan=False).encode() + b"\n"
    with energy_lock(folder), (folder / FILE).open("a+b") as stream:
        if stream.tell() and not _ends_line(stream):
            line = b"\n" + line
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())


def stage_totals(found: EnergyRows) -> list[StageTotal]:
    """Return the sums by stage, in the order of a model's life; parts and open rows are told apart."""
    rows = {stage: [row for row in found.whole if row.stage == stage] for stage in STAGES}
    return [_total(stage, mine, found.rows) for stage, mine in rows.items() if mine]


def _total(stage: str, rows: list[StageEnergy], inside: list[StageEnergy]) -> StageTotal:
    boundaries = list(dict.fromkeys(row.energy.boundary for row in rows))
    energies = [total(row.energy.to("J") for row in rows if row.energy.boundary is one) for one in boundaries]
    remarks = [
        f"{row.label or row.id}: not ended when last written; what came later is not contained"
        for row in rows
        if row.status == "open"
    ]
    seen = (*_shared_sensors(rows), *_strangers(stage, rows, inside), *_outliving(rows, inside))
    return StageTotal(stage, rows, energies, [*remarks, *seen])


_CLEARLY_LATER_S = 0.1
"""More than clocks and rounding make of it."""


def _outliving(rows: list[StageEnergy], inside: list[StageEnergy]) -> list[str]:
    """Say where a part, of another thread or process, went on after what contains it had ended."""
    ends = {row.id: _ended(row) for row in rows if row.status != "open"}
    return [
        f"{row.label or row.id} went on after what it is a part of had ended; what it took then is in no sum"
        for row in inside
        if row.part_of in ends and _ended(row) > ends[row.part_of] + _CLEARLY_LATER_S
    ]


def _ended(row: StageEnergy) -> float:
    return datetime.fromisoformat(row.started).timestamp() + row.seconds


def _strangers(stage: str, rows: list[StageEnergy], inside: list[StageEnergy]) -> list[str]:
    """Say where another process recorded another stage inside one of these stretches."""
    ids = {row.id for row in rows}
    found = [row for row in inside if row.part_of in ids and row.stage != stage]
    return [f"contains {row.label or row.id} of {row.stage}, which ran inside it" for row in found]


def _shared_sensors(rows: list[StageEnergy]) -> list[str]:
    """Say where two processes measured GPUs at the same time, by sensors that see a whole board."""
    spans = [
        (datetime.fromisoformat(row.started).timestamp(), row)
        for row in rows
        if row.facts.get("accelerators")
    ]
    twice = any(
        one.process != other.process
        and one.environment == other.environment
        and begin < start + other.seconds
        and start < begin + one.seconds
        for at, (begin, one) in enumerate(spans)
        for start, other in spans[:at]
    )
    said = "processes measured GPUs at the same time: where they share one, its joules are counted twice"
    return [said] if twice else []


def _ends_line(stream: Any) -> bool:
    stream.seek(-1, os.SEEK_END)
    return bool(stream.read(1) == b"\n")


def _checksum(record: Any) -> str:
    return sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]
