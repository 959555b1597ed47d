"""What a provider's JSON says, or a refusal of what it must not say: it may be anybody's."""

from __future__ import annotations

import json
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.secrets import scrubbed
from qwatt.quantum.remote.provider import Answer, Busy, Price

_MEND = "see docs/remote-jobs.md for what a provider must answer"
_WAITING = ("running", "queued")
_LONGEST_ID, _LONGEST_WHY = 500, 500
"""Characters; both are written into the run's book."""
_SHOWN = 80


def parsed(body: bytes) -> dict[str, Any]:
    """Return an answer's JSON object.

    Raises:
        Busy: it is empty, or begins as an object and breaks off.
        QwattError: it is something else, such as a page of a proxy.
    """
    if not body.strip():
        raise Busy("an empty answer")
    if not body.lstrip().startswith(b"{"):
        raise _refused(f"no JSON object: {body[:_SHOWN].decode(errors='replace')!r}")
    try:
        found: dict[str, Any] = json.loads(body)
    except RecursionError:
        raise _refused("JSON that is nested too deeply") from None
    except ValueError as error:
        if not body.rstrip().endswith(b"}") or _breaks_off(error):  # an object that is whole ends so
            raise Busy(scrubbed(f"an answer that breaks off: {error}")) from None
        raise _refused(f"no JSON: {error}") from None
    return found


def _breaks_off(error: ValueError) -> bool:
    """Return whether JSON could go on where a parser failed: behind all characters, or in an open string."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")


def price_in(found: dict[str, Any]) -> Price:
    """Return the price."""
    return Price(_dollars(found, "usd_per_job"), _dollars(found, "usd_per_shot"))


def id_in(found: dict[str, Any]) -> str:
    """Return the id of a job."""
    job = _field(found, "id")
    if isinstance(job, bool) or not isinstance(job, str | int) or not 0 < len(str(job)) <= _LONGEST_ID:
        raise _refused(f"no id of a job: {_shown(job)}")
    return str(job)


def answer_in(found: dict[str, Any]) -> Answer | None:
    """Return what became of a job; None while it waits or runs."""
    status = _field(found, "status")
    if status in _WAITING:
        return None
    if status == "failed":
        why = scrubbed(str(found.get("error") or "it failed"))[:_LONGEST_WHY]
        return Answer({}, _dollars(found, "usd"), why)
    if status != "done":
        raise _refused(f"a status of a job that is unknown: {_shown(status)}")
    counts = _field(found, "counts")
    whole = isinstance(counts, dict) and all(
        isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in counts.values()
    )
    if not whole:
        raise _refused(f"no counts by bit string: {_shown(counts)}")
    return Answer(counts, _dollars(found, "usd"))


def _field(found: dict[str, Any], name: str) -> Any:
    if name not in found:
        raise QwattError(f"the provider's answer has no {name}", mend=_MEND)
    return found[name]


def _dollars(found: dict[str, Any], name: str) -> float:
    """Return an amount of money, which is no less than nothing."""
    value = _field(found, name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e300:
        raise QwattError(f"the provider states {_shown(value)} as an amount of money", mend=_MEND)
    return float(value)


def _refused(what: str) -> QwattError:
    return QwattError(scrubbed(f"the provider answers with {what}"), mend=_MEND)


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return scrubbed(text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ...")
