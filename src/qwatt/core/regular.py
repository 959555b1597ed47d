"""Regular files and folders alone: opening a FIFO waits for ever, and a device may have no end."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from qwatt.core.errors import QwattError
from qwatt.core.printable import printable

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISFIFO, "FIFO"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


def is_folder(path: Path, where: str | None = None) -> bool:
    """Whether a path is a folder; else it is a regular file.

    Args:
        path: what to look at; links are followed.
        where: how errors call it, by default the path.

    Raises:
        QwattError: there is nothing, it cannot be looked at, or it is a FIFO, a socket or a device.
    """
    where = where or printable(str(path))
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise QwattError("no such file or folder", where=where, mend="check the path") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise QwattError(f"cannot be looked at: {reason}", where=where, mend="check the path") from error
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return stat.S_ISDIR(mode)
    kind = next((name for matches, name in _KINDS if matches(mode)), "special file")
    raise QwattError(f"a {kind}, not a regular file", where=where, mend="write its content to a file first")


def real_path(path: Path) -> Path:
    """Return where links lead to; where they lead in a circle, a path that cannot be opened."""
    return Path(os.path.realpath(path))


def refuse_special(path: Path) -> None:
    """Refuse a FIFO, a socket or a device before it is opened; what is missing or a folder is left to `open`.

    Raises:
        QwattError: it is one of these.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        is_folder(path)
