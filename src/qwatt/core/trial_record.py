"""Trials as lines of JSON: one flat object a trial, with a format number; earlier formats stay readable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.limits import MOST_NUMBER
from qwatt.core.method import Kind
from qwatt.core.stage_energy import LONGEST_S
from qwatt.core.trial import Trial, TrialSpec
from qwatt.core.trial_formats import FORMAT, to_latest

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_SPEC = tuple(field.name for field in fields(TrialSpec))


def write(trial: Trial) -> dict[str, Any]:
    """Return a trial's record: format, id, the specification's fields, what was found."""
    found: dict[str, Any] = _adapter().dump_python(trial)
    spec = found.pop("spec")
    return {"format": FORMAT, "id": trial.spec.id, **spec, **found}


def read(record: Mapping[str, Any]) -> Trial:
    """Rebuild a trial from a record of any format.

    Raises:
        QwattError: a field is unknown, missing or of the wrong type; names it.
    """
    from pydantic import ValidationError

    latest = to_latest(record)
    spec = {name: latest.pop(name) for name in _SPEC if name in latest}
    latest.pop("id", None)
    try:
        trial = _adapter().validate_python(latest | {"spec": spec})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"] if part != "spec")
        raise QwattError(f"field {field}: {first['msg'].removeprefix('Value error, ')}") from error
    for field, known in (("kind", tuple(Kind)), ("status", ("done", "failed"))):
        if getattr(trial, field) not in known:
            raise unknown_name(field, getattr(trial, field), known)
    for field, files in (("artifacts", trial.artifacts), ("artifact_source", [trial.artifact_source or ""])):
        if any(PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts for file in files):
            raise QwattError(f"field {field}: it leads out of the run folder")
    for name, seconds in (
        ("", trial.seconds),
        *((f"phases.{n}.", p.seconds) for n, p in trial.phases.items()),
    ):
        if not 0.0 <= seconds <= LONGEST_S:
            raise QwattError(f"field {name}seconds: {seconds!r} is beyond bounds")
    if abs(trial.quality or 0.0) > MOST_NUMBER:
        raise QwattError(f"field quality: {trial.quality!r} is beyond bounds")
    for qpu, cost in trial.qpu.items():
        _check_cost(cost, f"field qpu.{qpu}")
    return trial


def _check_cost(cost: Mapping[str, Any], where: str) -> None:
    """Refuse a QPU's cost whose amounts are neither unknown nor numbers nor intervals."""
    for name in ("energy_j", "seconds", "usd", "fidelity"):
        if name not in cost:
            raise QwattError(f"{where}.{name}: it is missing")
        if not _is_amount(cost.get(name)):
            raise QwattError(
                f"{where}.{name}: neither a number within bounds nor an interval of low, value and high"
            )
    for name, kind in (("energy_j", Mapping | None), ("executable", bool), ("why", str)):
        if not isinstance(cost.get(name), kind):
            raise QwattError(f"{where}.{name}: {cost.get(name)!r} does not fit")


def _is_amount(amount: Any) -> bool:
    if not isinstance(amount, Mapping):
        return amount is None or _is_number(amount)
    ends: list[Any] = [amount.get(end) for end in ("low", "value", "high")]
    if "value" in amount and amount["value"] is None:
        return True
    return all(_is_number(end) for end in ends) and ends == sorted(ends)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST_NUMBER


@cache
def _adapter() -> TypeAdapter[Trial]:
    from pydantic import TypeAdapter

    return TypeAdapter(Trial)
