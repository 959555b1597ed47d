"""Reads scenarios from TOML; a mistake is answered with file, key, value and valid range."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.names import plain_name
from qwatt.core.shipped import shipped_folders
from qwatt.core.toml import read_toml
from qwatt.projection.scenario.model import Scenario
from qwatt.projection.scenario.refusal import refusal

FOLDERS = shipped_folders("scenarios")
"""Where scenarios are looked up by name: the working folder's, then those that come with qwatt."""


def load_scenario(source: str | Path) -> Scenario:
    """Return a scenario from a file, or by the name of a shipped one; numbers may be written 8B, 2T.

    Raises:
        QwattError: no such file, not TOML, or a key or value that is not valid.
    """
    path = Path(source)
    if path.suffix != ".toml" or not path.is_file():
        known = scenario_files()
        name = path.stem if path.suffix == ".toml" else str(source)
        if path.suffix == ".toml" and (name not in known or path.parent.name != "scenarios"):
            raise _no_file(str(source), name if name in known else None)
        if name not in known:
            raise unknown_name("scenario", str(source), known, where="scenario")
        path = known[name]
    data, _ = read_toml(path, "write it as TOML; scenarios/my-model.toml is a template", suffixes=True)
    return scenario_of({"id": plain_name(path.stem)} | data, str(path))


def _no_file(source: str, same: str | None) -> QwattError:
    """Refuse a path that leads nowhere: a shipped scenario of its name holds others' numbers."""
    if same is None:
        mend = "check the path; `qwatt list scenarios` names those that need none"
        return QwattError("no such file, nor a scenario of this name", where=source, mend=mend)
    return QwattError(
        "no such file", where=source, mend=f"check the path, or give {same} for the shipped scenario"
    )


def scenario_of(data: Mapping[str, Any], where: str = "scenario") -> Scenario:
    """Return a scenario from its tables.

    Raises:
        QwattError: a key or value that is not valid; names place, value and range.
    """
    try:
        return Scenario.model_validate(dict(data))
    except ValidationError as error:
        raise refusal(error, where, Scenario) from error


def changed(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Return a scenario with some values replaced, such as `{"deployment.batch": 8}`, checked again.

    Raises:
        QwattError: an unknown key, or a value outside its range.
    """
    data = _tables(scenario)
    for dotted, value in changes.items():
        *path, last = dotted.split(".")
        table = data
        for part in path:
            if not isinstance(table.get(part), dict):
                raise unknown_name("table of a scenario", part, Scenario.model_fields, where=dotted)
            table = table[part]
        table[last] = value
    return scenario_of(data, scenario.id)


def scenario_files() -> dict[str, Path]:
    """Return the scenarios that are found by name."""
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for path in sorted(folder.glob("*.toml")):
            found.setdefault(path.stem, path)
    return found


def all_scenarios() -> dict[str, Scenario]:
    """Return every scenario that is found by name."""
    return {name: load_scenario(path) for name, path in scenario_files().items()}


def _tables(block: BaseModel) -> dict[str, Any]:
    """Return a block as nested tables that validate to it again."""
    kept = {key: value for key, value in block if value is not None}
    return {key: _tables(value) if isinstance(value, BaseModel) else value for key, value in kept.items()}
