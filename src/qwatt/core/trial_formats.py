"""Formats of trial records over the versions; each step lifts a record to the next format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.home import from_home

FORMAT = 3
"""The format that this version writes."""


def to_latest(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record lifted to `FORMAT`, without its format number.

    Raises:
        QwattError: it is no object, or of a format that this version does not know.
    """
    if not isinstance(record, Mapping):
        raise QwattError("a trial record is a JSON object")
    number = record.get("format", 1)
    if number not in range(1, FORMAT + 1) or isinstance(number, bool):
        mend = "update qwatt: a newer version wrote this run" if isinstance(number, int) else None
        raise QwattError(f"field format: {number!r} is not a format from 1 to {FORMAT}", mend=mend)
    latest = dict(record)
    for step in _STEPS[number - 1 :]:
        latest = step(latest)
    latest.pop("format", None)
    return latest


def _from_1(record: dict[str, Any]) -> dict[str, Any]:
    """Format 1 kept everything that the protocol noted in one untyped table, `details`."""
    details = record.pop("details", {})
    if not isinstance(details, Mapping):
        raise QwattError("field details: it is no object")
    typed = ("counters", "projected", "notes", "tuning", "stochastic")
    kept = (*typed, "artifacts", "data", "traceback")
    host = record.get("host_energy")
    record |= {name: details[name] for name in kept if name in details}
    record["artifact_source"] = details.get("source")
    record["shared_energy"] = _like(host, details.get("shared_j"))
    record["classical_remainder"] = _like(host, details.get("classical_remainder_j"))
    phases = record.get("phases")
    if isinstance(phases, Mapping):
        record["phases"] = {
            name: dict(phase) | {"simulated": name == "circuits"} if isinstance(phase, Mapping) else phase
            for name, phase in phases.items()
        }
    return record


def _like(host: Any, joules: Any) -> dict[str, Any] | None:
    """Return joules of format 1 as an energy with the basis and boundary of the host's."""
    if not isinstance(joules, Mapping) or not isinstance(host, Mapping):
        return None
    numbers = {f"{end}_j": joules.get(end) for end in ("value", "low", "high")}
    return numbers | {"basis": host.get("basis"), "boundary": host.get("boundary")}


def _from_2(record: dict[str, Any]) -> dict[str, Any]:
    """Format 2 had no digests of artifacts, none of its lines, and paths below the home folder in full."""
    source = record.get("source")
    return record | {"source": from_home(source)} if isinstance(source, str) else record


_STEPS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (_from_1, _from_2)
