"""Notices that the user's data changed since a run began, as its finished trials no longer belong to it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path

from qwatt.core.durable import digest_of
from qwatt.core.errors import QwattError
from qwatt.core.home import from_home
from qwatt.core.run_folder import RunFolder
from qwatt.data.documents import split_source
from qwatt.data.streams import hidden, is_folder

FILE = "sources.json"
_LARGE_BYTES = 1 << 30
_BLOCKS, _BLOCK_BYTES = 64, 1 << 20


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
        if (before := known.setdefault(source, digest)) != digest and before != digest_of(path):
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
    """Return the SHA-256 of a file, or of the names and contents of a folder's files that are not hidden.

    Earlier versions wrote `digest_of`: hidden files too, and large ones whole.
    """
    if not is_folder(path):
        files = [path]
    else:
        below = sorted(path.rglob("*"))
        files = [file for file in below if not hidden(file.relative_to(path)) and file.is_file()]
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.relative_to(path)}\0".encode(errors="surrogateescape"))
        try:
            with file.open("rb") as stream:
                whole.update(_content(stream))
        except OSError as error:
            mend = "let it be read, or take it out of the folder"
            raise QwattError(f"cannot be read: {error.strerror}", where=str(file), mend=mend) from error
    return whole.hexdigest()


def _content(stream: BufferedReader) -> bytes:
    """Return the digest of a file; of a large one that of its size, its time, and blocks all over it."""
    facts = os.fstat(stream.fileno())
    if facts.st_size <= _LARGE_BYTES:
        return hashlib.file_digest(stream, "sha256").digest()
    found = hashlib.sha256(f"{facts.st_size} {facts.st_mtime_ns}".encode())
    for number in range(_BLOCKS):
        stream.seek((facts.st_size - _BLOCK_BYTES) * number // (_BLOCKS - 1))
        found.update(stream.read(_BLOCK_BYTES))
    return found.digest()
