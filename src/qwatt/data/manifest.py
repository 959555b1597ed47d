"""What a fetched folder must hold, and the check that it still does: files are hashed before their first use.

The digests are those of the files as they came out of the verified archive, and the catalogue's own where it
states them. A file is hashed again in the same process when its size, time or inode changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.data.archive import digest
from qwatt.data.streams import hidden

FILE = ".manifest.json"
OK = "ok"
_Stamp = tuple[int, int, int, int]
_hashed: dict[Path, tuple[_Stamp, str]] = {}
"""By file: its size, times and inode when this process hashed it, and the digest found."""


def write_manifest(folder: Path, names: Iterable[str]) -> None:
    """Write sizes and digests of the files of a folder."""
    entries = {n: {"bytes": (folder / n).stat().st_size, "sha256": digest(folder / n)} for n in names}
    (folder / FILE).write_text(json.dumps(entries, indent=1), "utf-8")


def is_whole(folder: Path) -> bool:
    """Whether the folder holds every file of its manifest in the right size; looks at no content."""
    try:
        return all((folder / n).stat().st_size == e["bytes"] for n, e in _entries(folder).items())
    except (OSError, ValueError, RecursionError):
        return False


def changed_file(folder: Path, stated: Mapping[str, str], anew: bool = False) -> Path | None:
    """Return a file that is not what was fetched, or was added; None when all are as they came.

    Args:
        folder: a folder for which `is_whole` holds.
        stated: digests that the catalogue states for files of the folder.
        anew: hash also what this process hashed already.
    """
    states = examine(folder, stated, anew)
    return next((folder / name for name, state in states if state != OK), None)


def examine(folder: Path, stated: Mapping[str, str], anew: bool = True) -> Iterator[tuple[str, str]]:
    """Yield every file of a folder with its state: `OK`, "changed", "missing" or "added".

    Where the manifest itself cannot be read, it alone is told: nobody knows about the others.
    """
    try:
        entries = _entries(folder)
    except (OSError, ValueError, RecursionError) as error:
        yield FILE, "missing" if isinstance(error, FileNotFoundError) else "changed"
        return
    for name, entry in entries.items():
        if not (folder / name).is_file():
            yield name, "missing"
        else:
            expected = stated.get(name, entry["sha256"])
            yield name, OK if found_digest(folder / name, anew) == expected else "changed"
    for file in sorted(folder.rglob("*")):
        own = file.relative_to(folder)
        if own.as_posix() not in entries and not file.is_dir() and not hidden(own):
            yield own.as_posix(), "added"


def found_digest(file: Path, anew: bool = False) -> str:
    """Return the SHA-256 of a file as it is now; hashed once a process, and when it changed.

    Raises:
        QwattError: it cannot be read.
    """
    found = file.stat()
    stamp = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
    known = _hashed.get(file)
    if anew or known is None or known[0] != stamp:
        try:
            known = _hashed[file] = (stamp, digest(file))
        except OSError as error:
            raise QwattError(f"cannot be read: {error.strerror}", where=str(file)) from error
    return known[1]


def _entries(folder: Path) -> dict[str, Any]:
    """Return the manifest.

    Raises:
        ValueError: it is damaged.
    """
    entries = json.loads((folder / FILE).read_text("utf-8"))
    fields = {"bytes", "sha256"}
    if (
        not entries
        or not isinstance(entries, dict)
        or not all(isinstance(e, dict) and fields <= e.keys() for e in entries.values())
    ):
        raise ValueError("not a manifest")
    return entries
