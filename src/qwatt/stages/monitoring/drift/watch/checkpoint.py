"""What a checkpoint must hold to be gone on with, whoever wrote it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from qwatt.core.errors import QwattError

Count = Annotated[int, msgspec.Meta(ge=0)]


class LogBytes(msgspec.Struct):
    """How much of each log counts."""

    windows: Count = msgspec.field(name="windows.jsonl")
    bad_rows: Count = msgspec.field(name="bad_rows.jsonl")


class Checkpoint(msgspec.Struct):
    """Its fields and their kinds; energy and the detector's state are checked by those that they are of."""

    identity: dict[str, Any]
    lines: Count
    checksum: Count
    windows: Count
    rows: Count
    alerts: Count
    bad: dict[str, Count]
    energy: dict[str, Any] | None
    detector: dict[str, Any]
    held: list[str]
    begun: str
    first_line: Count
    bad_rows: Count
    printed_to: list[int] | None
    log_bytes: LogBytes


def refuse_odd(found: dict[str, Any], where: str, mend: str) -> None:
    """Refuse a checkpoint with a field that is missing, or of another kind.

    Raises:
        QwattError: names the field.
    """
    try:
        msgspec.convert(found, Checkpoint)
    except msgspec.ValidationError as error:
        raise QwattError(f"the checkpoint cannot be read: {error}", where=where, mend=mend) from error
