"""What the user names as data: a path, and after a `#` the columns with text and label."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from qwatt.core.errors import QwattError
from qwatt.data.names import shown, unescaped


class Columns(NamedTuple):
    """The columns that a source names; None where it leaves the choice."""

    text: str | None = None
    label: str | None = None


def split_source(source: str | Path) -> tuple[Path, Columns]:
    r"""Split "corpus.csv#body,topic" into the path and the names of the columns with text and label.

    What exists under the whole name wins, so that files and folders may have a `#` in theirs; else the
    longest beginning that exists is the path. "~" is the home folder. "corpus.csv#,topic" names the label
    alone. Bytes of a name that are no UTF-8 may be written `\xff`, as records and studies write them.

    Raises:
        QwattError: the name is empty, or too odd to be looked up.
    """
    text = str(source)
    if not text.strip():
        raise QwattError("the path of the data is empty", mend="give a file or folder")
    path, columns = _split(text)
    if "\\x" in text and not _exists(str(path)):
        raw, own = _split(unescaped(text))
        return (raw, own) if _exists(str(raw)) else (path, columns)
    return path, columns


def _split(text: str) -> tuple[Path, Columns]:
    if _exists(text) or "#" not in text:
        return _path(text), Columns()
    cuts = [i for i, character in enumerate(text) if character == "#" and i > 0]
    cut = next((i for i in reversed(cuts) if _exists(text[:i])), text.rfind("#"))
    if cut <= 0:
        return _path(text), Columns()
    column, _, label = text[cut + 1 :].partition(",")
    return _path(text[:cut]), Columns(column.strip() or None, label.strip() or None)


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # no such user: a name that begins with a tilde
        return Path(text)


def _exists(text: str) -> bool:
    try:
        os.stat(_path(text))  # noqa: PTH116 (tells why, where Path.exists does not)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise QwattError(
            f"cannot be looked at: {reason}", where=shown(text), mend="check the path"
        ) from error
    return True
