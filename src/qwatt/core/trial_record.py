"""Trials as lines of JSON: one flat object a trial, with a format number; earlier formats stay readable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.method import Kind
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
    return trial


@cache
def _adapter() -> TypeAdapter[Trial]:
    from pydantic import TypeAdapter

    return TypeAdapter(Trial)
