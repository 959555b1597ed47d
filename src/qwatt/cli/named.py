"""What `run` and `plan` answer when nothing is named: the choices, and what each takes."""

from __future__ import annotations

from pathlib import Path

from qwatt.core.errors import QwattError
from qwatt.core.shipped import find_shipped

CHOICES = ("studies/quick.toml", "studies/default.toml")
"""Studies that a newcomer begins with; each says in its description how long it takes."""
OTHERS = {
    "curation/dedup": "a task with all its methods; `qwatt list tasks` names all",
    "curation": "a stage",
}


def named(target: str | None) -> str:
    """Return the target.

    Raises:
        QwattError: nothing was named; lists what can be.
    """
    if target is not None:
        return target
    told = {name: _description(Path(name)) for name in CHOICES} | OTHERS
    lines = [f"    {name:22}{what}" for name, what in told.items()]
    mend = "\n".join(["name one, such as", *lines])
    raise QwattError("no study, stage or task is named", where="command line", mend=mend)


def _description(path: Path) -> str:
    import tomllib

    content = tomllib.loads(find_shipped(path).read_text("utf-8"))
    return str(content["description"]).rstrip(".")
