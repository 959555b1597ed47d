"""Lines of `trials.jsonl`: a record with a digest of it, and a digest of the line itself.

The digest of the record holds whatever the order of its fields; that of the line, of the bytes before it, is
checked in a tenth of the time. Both guard against slips, not forgers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.json_text import whole
from qwatt.core.recorded import RecordedTrial, recorded
from qwatt.core.tidied import tidied
from qwatt.core.trial import Trial, TrialSpec
from qwatt.core.trial_formats import FORMAT

CHECKSUM, LINE = "sha256", "line"
_FOUND_NAMES = ("kind", "metric", "status", "environment", "artifacts", "artifact_source", "artifact_digest")
_NAMES = frozenset(("format", "id", *TrialSpec.__dataclass_fields__, *_FOUND_NAMES, "source_digest"))
"""Fields that say what a trial is; all others may repeat what others' software wrote."""
_HEX = 16
_BEFORE = b', "line": "'
_TAIL = len(_BEFORE) + _HEX + len(b'"}\n')
_DIGESTS = len(f', "{CHECKSUM}": "') + _HEX + len('"') + _TAIL
_HEAD = f'{{"format": {FORMAT}, '.encode()


def write_line(trial: Trial) -> bytes:
    """Return a trial's line, without secrets or the home folder."""
    told = {name: whole(v) for name, v in tidied(trial.to_record(), _NAMES).items()}
    record = json.loads(json.dumps(told, allow_nan=False))  # as it will be read
    text = json.dumps(record | {CHECKSUM: _checksum(record)}, allow_nan=False).encode()[:-1]
    return text + _BEFORE + _digest(text) + b'"}\n'


def read_line(line: bytes) -> Trial:
    """Return a line's trial, which must be as it was written; lines of before there were digests may be any.

    Raises:
        ValueError: no JSON, or a number that is not finite.
        RecursionError: nested too deeply.
        QwattError: no trial record, or one that was changed since.
    """
    if is_as_written(line) and (trial := recorded(line)) is not None:
        return trial
    found = json.loads(line, parse_float=_finite, parse_constant=_finite, parse_int=_countable)
    return _checked(found)


def record_text(trial: Trial) -> str:
    """Return a trial's record as JSON text, without digests; of a trial that was read, as its line has it."""
    if isinstance(trial, RecordedTrial):
        return trial.line[:-_DIGESTS].decode() + "}"
    return json.dumps(trial.to_record(), allow_nan=False)


def settings_text(trial: Trial) -> str:
    """Return a trial's settings as JSON text; of a trial that was read, as its line has it."""
    if isinstance(trial, RecordedTrial):
        return trial.settings_line.decode()
    return json.dumps(trial.settings)


def is_as_written(line: bytes) -> bool:
    """Return whether this version's digest of the line says that nothing of it changed."""
    text, tail = line[:-_TAIL], line[-_TAIL:]
    has_digest = line.startswith(_HEAD) and tail.startswith(_BEFORE)
    return has_digest and _digest(text) == tail[len(_BEFORE) : -3]


def _checked(record: Any) -> Trial:
    same = is_unchanged(record) if isinstance(record, dict) else True
    trial = Trial.from_record(record)
    if not same:
        raise QwattError("it was changed after it was written")
    return trial


def is_unchanged(record: dict[str, Any]) -> bool:
    """Take the digests out of a line's record; return whether it is what they say, where they are there."""
    record.pop(LINE, None)
    stated = record.pop(CHECKSUM, None)
    return stated is None or stated == _checksum(record)


def _checksum(record: Mapping[str, Any]) -> str:
    """Return a digest of a record, whatever the order of its fields."""
    return sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:_HEX]


def _digest(text: bytes) -> bytes:
    return sha256(text).hexdigest()[:_HEX].encode()


def _countable(text: str) -> int:
    """Return a whole JSON number, which as a float is finite too."""
    _finite(text)
    return int(text)


def _finite(text: str) -> float:
    """Return a JSON number; NaN and infinities, which no record holds, are no JSON."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is no finite number")
    return number
