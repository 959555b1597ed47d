"""Where a run goes when nobody says: a folder for each target, data, model and size, so that none collide."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from qwatt.core.names import plain_name
from qwatt.data.documents import split_source

RUNS = Path("runs")
_LONGEST = 80
"""Characters of a plain name."""
_ENDINGS = re.compile(r"(\.[A-Za-z]+)?(\.(gz|bz2|xz|zst))?$")
"""Of a file's name; what holds a digit, as in llama-3.1 or corpus.v2, is none."""


def default_folder(
    name: str,
    data: str | None = None,
    train: str | None = None,
    model: str | None = None,
    size: str | None = None,
) -> Path:
    """Return `runs/NAME-DATA-MODEL-SIZE`, of what was given.

    Where letters that a folder's name may not hold are lost, or it is cut, a digest of the whole is added.

    Args:
        name: of the study, stage or task.
        data: a file or folder, of which the name without its endings counts, or a built-in data set.
        train: the user's own training, "module:function" or "file.py:function".
        model: the name of a language model, or a folder.
        size: a rung, maybe with changes.
    """
    parts = [name]
    if data is not None:
        parts.append(_last(split_source(data)[0]))
    if train is not None:
        parts.append(_last(train))
    if model is not None:
        parts.append(_last(model))
    if size is not None:
        parts.append(size)
    whole = "-".join(parts)
    name = plain_name(whole)
    if whole.isascii() and len(whole) <= _LONGEST:
        return RUNS / name
    mark = sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return RUNS / f"{name[: _LONGEST - 9].rstrip('._-')}-{mark}"


def _last(place: str | Path) -> str:
    """Return the last part of a path without endings, or of a name such as builtin:weather."""
    path = Path(str(place).rpartition(":")[2])
    name = path.resolve().name if path.name in ("", "..") else path.name
    return _ENDINGS.sub("", name) or name
