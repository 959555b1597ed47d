"""Notices that the user's data changed since a run began, as its finished trials no longer belong to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from qwatt.core.errors import QwattError
from qwatt.core.home import from_home
from qwatt.core.run_folder import RunFolder
from qwatt.data.documents import split_source
from qwatt.data.streams import is_folder

FILE = "sources.json"


def check_sources(folder: RunFolder, sources: Iterable[str]) -> None:
    """Hold the digest of every source that is a file or folder against the one the run began with.

    Raises:
        QwattError: a source has another content than when the run began.
    """
    known = _known(folder)
    for source in sources:
        path, _ = split_source(source)
        if source.startswith("@") or not path.exists():
            continue
        digest = _digest(path)
        if known.setdefault(source, digest) != digest:
            raise QwattError(
                "the data changed since this run began, and its finished trials used the old",
                where=source,
                mend=f"choose another --out, or delete {folder.path} to begin anew",
            )
    if known:
        folder.write_text(FILE, json.dumps(known, indent=2, sort_keys=True) + "\n")


def _known(folder: RunFolder) -> dict[str, str]:
    if not any(trial.done for trial in folder.trials()):
        return {}
    try:
        known = dict(json.loads((folder.path / FILE).read_text(encoding="utf-8")))
        return {from_home(source): digest for source, digest in known.items()}
    except (OSError, ValueError, TypeError, RecursionError, AttributeError):
        return {}


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and contents of a folder's files."""
    whole = hashlib.sha256()
    files = sorted(f for f in path.rglob("*") if f.is_file()) if is_folder(path) else [path]
    for file in files:
        whole.update(f"{file.relative_to(path)}\0".encode(errors="surrogateescape"))
        try:
            with file.open("rb") as stream:
                whole.update(hashlib.file_digest(stream, "sha256").digest())
        except OSError as error:
            mend = "let it be read, or take it out of the folder"
            raise QwattError(f"cannot be read: {error.strerror}", where=str(file), mend=mend) from error
    return whole.hexdigest()
