"""The watch list: near misses ranked, each with its trigger, and what moved since the last list."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, FiniteFloat, ValidationError

from qwatt import catalogue
from qwatt.core.durable import cannot, write_out
from qwatt.core.errors import QwattError
from qwatt.projection.verdicts.rules import threshold

CATALOGUES = ("qpus", "qpu_power", "qpu_prices", "roadmaps", "enhancements", "accelerators", "grids")
"""What a list hangs on beside the scenario."""

Record = Mapping[str, Any]
_MOST_CHANGES = 10


class _Stored(BaseModel):
    """What a list holds, in the types that the next one computes with."""

    class Row(BaseModel):
        """What it says of an enhancement."""

        distance: FiniteFloat | None
        verdict: str
        met_by: list[str]

    date: str
    rows: dict[str, Row]
    numbers: dict[str, float]


def watch_list(entries: Sequence[Record], before: Record | None = None) -> list[dict[str, Any]]:
    """Return what to watch: quantum enhancements that some machine could make pay.

    The nearest in the last year stand first, and what no machine would trigger last. What loses by
    construction is left out, for no machine changes that.

    Args:
        entries: the enhancements of a projection's record.
        before: an earlier list as `remembered` gives it, or None.

    Returns:
        [{id, name, stage, verdict, limit, ceiling_share, worth_watching, distance, trigger, met_by, expires,
        moved}]; `moved` is None without an earlier list, else {since, distance, verdict, met_by, because}.
    """
    open_ones = [e for e in entries if e["kind"] == "quantum" and e["limit"] != "by construction"]
    now = numbers()
    rows = [_row(entry) | {"moved": _moved(entry, before, now)} for entry in open_ones]
    return sorted(rows, key=_rank)


def remember(entries: Sequence[Record], path: Path) -> None:
    """Write what the next list is compared with.

    Raises:
        QwattError: the file cannot be written.
    """
    rows = {
        e["id"]: {"distance": _last(e), "verdict": e["verdict"], "met_by": _met(e)}
        for e in entries
        if e["kind"] == "quantum"
    }
    state = {"date": datetime.date.today().isoformat(), "rows": rows, "numbers": numbers()}
    mend = "name another file by --state"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot("be written", path, error, mend) from error
    write_out(path, json.dumps(state, indent=1, allow_nan=False) + "\n", mend)


def remembered(path: Path) -> Record | None:
    """Return what an earlier list left, or None where there is none.

    Raises:
        QwattError: the file holds something else.
    """
    if not path.exists():
        return None
    try:
        return _Stored.model_validate_json(path.read_bytes(), strict=True).model_dump()
    except (OSError, ValidationError) as error:
        mend = "delete it, or name another file by --state"
        raise QwattError("is no earlier watch list", where=str(path), mend=mend) from error


def numbers() -> dict[str, float]:
    """Return every number of the catalogues that a list hangs on, by its dotted name."""
    found: dict[str, float] = {}

    def collect(item: Any, name: str) -> None:
        if catalogue.is_number(item):
            found[name] = float(item["value"])
        elif isinstance(item, Mapping):
            for key, part in item.items():
                collect(part, f"{name}.{key}")

    for name in CATALOGUES:
        collect(catalogue.load(name), name)
    return found


def _row(entry: Record) -> dict[str, Any]:
    found = entry["ceiling"]
    share = found["share"]
    worth = share is not None and share >= threshold("least_share") and found["usd"] >= threshold("least_usd")
    return {
        **{key: entry[key] for key in ("id", "name", "stage", "verdict", "limit")},
        "ceiling_share": share,
        "worth_watching": worth,
        "distance": entry["distance"],
        "trigger": entry["trigger"],
        "met_by": _met(entry),
        "expires": entry["expires"],
    }


def _rank(row: Record) -> tuple[bool, bool, float]:
    last = _last(row)
    return row["trigger"] is None, last is None, last or 0.0


def _last(entry: Record) -> float | None:
    return entry["distance"][max(entry["distance"])] if entry["distance"] else None


def _met(entry: Record) -> list[str]:
    tests = entry["trigger_tests"]
    return list(tests["met_by"]) if tests else []


def _moved(entry: Record, before: Record | None, now: Mapping[str, float]) -> dict[str, Any] | None:
    old = None if before is None else before["rows"].get(entry["id"])
    if before is None or old is None:
        return None
    last, then = _last(entry), old["distance"]
    step = None if last is None or then is None else round(last - then, 6)
    changed = [
        name for name in now.keys() | before["numbers"].keys() if now.get(name) != before["numbers"].get(name)
    ]
    return {
        "since": before["date"],
        "distance": step,
        "verdict": None if entry["verdict"] == old["verdict"] else [old["verdict"], entry["verdict"]],
        "met_by": [name for name in _met(entry) if name not in old["met_by"]],
        "because": sorted(changed)[:_MOST_CHANGES] if step else [],
    }
