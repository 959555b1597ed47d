"""From a study's TOML to a checked study, or an error that names the line and the mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.fixed import check_table
from qwatt.core.mistakes import explain, line_of
from qwatt.core.registry import all_backends, all_tasks, get_method, tasks_of
from qwatt.core.secrets import scrubbed, scrubber
from qwatt.core.secrets.environment import PIECE
from qwatt.core.seeds import SeedRange
from qwatt.core.size import rung_of
from qwatt.core.study import HostEntry, PowerEntry, Study, TaskEntry, with_companions
from qwatt.core.toml import read_toml

_NO_SECRET = "give it by an environment variable: what a study says is kept in the run folder"


def load_study(path: Path) -> Study:
    """Read and check a study file.

    Raises:
        QwattError: not TOML, an unknown key or name, a bad value; names file, key and the mend.
    """
    mend = "give a study file, a stage or a task; `qwatt list tasks` names the tasks"
    data, text = read_toml(path, mend)
    return check_study(data, str(path), text)


def check_study(data: dict[str, Any], where: str, text: str = "") -> Study:
    """Check a study's data; `text` is searched for the line of a bad key."""
    try:
        study = Study.model_validate(data)
    except ValidationError as error:
        raise explain(error, where, text, _fields_beside) from error
    if study.backend.partition(":")[0] not in all_backends():
        place = f"{where}{line_of(text, ['backend'])}, key backend"
        raise unknown_name("backend", study.backend.partition(":")[0], all_backends(), where=place)
    _refuse_secret(study.backend, f"{where}{line_of(text, ['backend'])}, key backend")
    for index, entry in enumerate(study.tasks):
        _check_names(entry, index, study, where, text)
    _refuse_secrets(text, where)
    return study


def _refuse_secrets(text: str, where: str) -> None:
    """Refuse a file that holds a secret anywhere, in a name or a remark say: it is kept as it is."""
    scrub = scrubber(PIECE)
    if scrub(text) == text:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if scrub(line) != line:
            _refuse_secret(line, f"{where}, line {number}")
    raise QwattError("a token, key or password over several lines", where=where, mend=_NO_SECRET)


def _refuse_secret(text: str, where: str) -> None:
    """Refuse what would be written into every record of the run.

    Raises:
        QwattError: the text holds a token or password.
    """
    if scrubbed(text, PIECE) != text:
        raise QwattError(f"{scrubbed(text)!r} holds a token or password", where=where, mend=_NO_SECRET)


def _check_names(entry: TaskEntry, index: int, study: Study, where: str, text: str) -> None:
    def place(key: str) -> str:
        return f"{where}{line_of(text, ['tasks', index, key])}, key tasks.{index}.{key}"

    _refuse_secret(entry.source or "", place("source"))
    for value in entry.set.values():
        _refuse_secret(str(value), place("set"))
    task = tasks_of(entry.task).get(entry.task)
    if task is None:
        raise unknown_name("task", entry.task, all_tasks(), where=place("task"))
    size = entry.size or study.size
    sizes = list(task.sizes)
    said = place("size") if entry.size else f"{where}{line_of(text, ['size'])}, key size"
    if "=" in rung_of(size):
        mend = f"begin with one of {', '.join(sizes)}, as in {sizes[0]},{size}"
        raise QwattError(f"size {size!r} changes parameters of no size", where=said, mend=mend)
    if rung_of(size) not in sizes:
        raise unknown_name("size", size, sizes, where=said)
    try:
        task.sizes.get(size)
    except QwattError as error:
        raise QwattError(error.what, where=said, mend=error.mend) from error
    try:
        names = with_companions(entry.task, entry.methods)
    except QwattError as error:
        raise QwattError(error.what, where=place("methods"), mend=error.mend) from error
    try:
        check_table([type(get_method(entry.task, name)) for name in names], entry.set)
    except QwattError as error:
        raise error.found_in(place("set")) from error
    if entry.source and entry.source.startswith("@"):
        earlier = [t.task for t in study.tasks[:index]]
        if entry.source[1:] not in earlier:
            raise unknown_name("earlier task", entry.source[1:], earlier, where=place("source"))


def _fields_beside(location: list[str]) -> list[str]:
    model: type[BaseModel] = Study
    inside: dict[str, type[BaseModel]] = {
        "tasks": TaskEntry,
        "seeds": SeedRange,
        "host": HostEntry,
        "w_per_vcpu": PowerEntry,
    }
    for part in location[:-1]:
        model = inside.get(part, model)
    return sorted(model.model_fields)
