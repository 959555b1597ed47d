"""What differs between two runs: study, data, machine, versions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from qwatt.core.run_folder import RunFolder
from qwatt.protocol.fingerprint import FILE as SOURCES

MACHINE = ("cpu", "cores", "memory_gb", "system")


@dataclass(frozen=True)
class Change:
    """One difference.

    Args:
        what: "study", "data", "machine" or "version".
        name: what of it, such as "seeds" or "torch".
        before: in the first run; None where it has none.
        after: in the second run.
    """

    what: str
    name: str
    before: str | None
    after: str | None

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def changes(first: RunFolder, second: RunFolder) -> list[Change]:
    """Return every difference in the order study, data, machine, version."""
    pairs = (
        ("study", _study(first), _study(second)),
        ("data", _digests(first), _digests(second)),
        ("machine", _facts(first, MACHINE), _facts(second, MACHINE)),
        ("version", _versions(first), _versions(second)),
    )
    return [change for what, before, after in pairs for change in _differing(what, before, after)]


def _differing(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Change(what, name, before.get(name), after.get(name))


def _study(folder: RunFolder) -> dict[str, str]:
    """Return the study's settings by dotted key, its defaults included; of a task by the task's name."""
    from qwatt.core.study_file import load_study

    if not folder.trials_file.is_file():
        return {}
    record = load_study(folder.path / "study.toml").model_dump(mode="json", exclude_none=True)
    tasks = {f"tasks.{entry['task']}": entry for entry in record.pop("tasks")}
    return dict(_flat({**record, **tasks}))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value if isinstance(value, str) else json.dumps(value)


def _digests(folder: RunFolder) -> dict[str, str]:
    """Return the digests of the user's data, of which a run keeps the content's SHA-256."""
    try:
        found = json.loads((folder.path / SOURCES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(digest)[:12] for name, digest in found.items()} if isinstance(found, dict) else {}


def _facts(folder: RunFolder, names: tuple[str, ...]) -> dict[str, str]:
    """Return facts of the machine; of a run that was resumed elsewhere, all values that it had."""
    found = [facts for facts in folder.environments().values() if isinstance(facts, dict)]
    return {name: _all(facts.get(name) for facts in found) for name in names if found}


def _versions(folder: RunFolder) -> dict[str, str]:
    environments = [facts for facts in folder.environments().values() if isinstance(facts, dict)]
    packages = [facts["packages"] for facts in environments if isinstance(facts.get("packages"), dict)]
    names = dict.fromkeys(name for versions in packages for name in versions)
    own = {name: _all(versions.get(name) for versions in packages) for name in names}
    return _facts(folder, ("python", "commit")) | own


def _all(values: Iterator[Any]) -> str:
    return " and ".join(dict.fromkeys("none" if value is None else str(value) for value in values))
