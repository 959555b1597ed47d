"""Files that are whole or not there, and folders that are on the disk before a record names them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EDQUOT, EEXIST, EFBIG, ENOSPC, ENOTEMPTY
from pathlib import Path
from secrets import token_hex
from typing import IO

from qwatt.core.errors import QwattError
from qwatt.core.regular import real_path

_FULL = (ENOSPC, EDQUOT, EFBIG)


@contextmanager
def whole_file(path: Path, alone: bool = False) -> Iterator[IO[bytes]]:
    """Yield a stream to a file that takes its place, on disk, when all is written; else nothing changes.

    Args:
        path: the file.
        alone: whether no other process writes it at the time; what a killed one left is then written over.
    """
    unfinished = path.with_name(f".{path.name}.part" if alone else f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def replaced_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder that takes its place, or another's, when all is written; else nothing changes.

    Several processes may do so at once: the one that ends last stays. What was there is deleted once the new
    one has its place: a kill in between leaves it under a hidden name.
    """
    unfinished, moved = _hidden(path), list[Path]()
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        while not _takes_place(unfinished, path):
            aside = _hidden(path)
            with suppress(FileNotFoundError):  # another one has just moved it away
                path.rename(aside)
                moved.append(aside)
        for folder in moved:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _hidden(path: Path) -> Path:
    return path.with_name(f".{path.name}.{token_hex(4)}.part")


def _takes_place(folder: Path, path: Path) -> bool:
    """Rename a folder; return False where something else has the place."""
    try:
        folder.rename(path)
    except OSError as error:
        if error.errno in (EEXIST, ENOTEMPTY):
            return False
        raise
    return True


def write_whole(path: Path, text: str) -> Path:
    """Write a file whole or not at all; half a character, which UTF-8 cannot hold, is written escaped.

    Raises:
        QwattError: it cannot be written; names the file.
    """
    try:
        with whole_file(path, alone=True) as stream:
            stream.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        mend = "let it be written there, or work in another folder, such as a copy of this one"
        raise cannot("be written", path, error, mend) from error
    return path


def write_out(path: Path, text: str, mend: str) -> None:
    """Write a file that the user named: whole or not at all, where a link leads to; a device as it comes.

    Raises:
        QwattError: it cannot be written; names the file, and the mend.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
            return
        with whole_file(real_path(path), alone=True) as stream:
            stream.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise cannot("be written", path, error, mend) from error


def cannot(verb: str, path: Path, error: OSError, mend: str = "choose another --out") -> QwattError:
    """Return the refusal of what a file or folder does not allow; a full disk gets a mend of its own.

    Args:
        verb: what cannot be done, such as "be written".
        path: the file or folder.
        error: what the system says.
        mend: where the disk is not full.
    """
    if error.errno in _FULL:
        mend = f"make room on the disk of {path.absolute().parent}, and run the same command again"
    return QwattError(f"cannot {verb}: {error.strerror or error}", where=str(path), mend=mend)


def digest_of(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of a folder's files, or of one file."""
    whole = hashlib.sha256()
    files = sorted(f for f in folder.rglob("*") if f.is_file()) if folder.is_dir() else [folder]
    for file in files:
        whole.update(f"{file.relative_to(folder)}\0".encode(errors="surrogateescape"))
        with file.open("rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


def sync(folder: Path) -> None:
    """Force a folder with all its files to the disk, and its name in the folder above."""
    below = sorted(folder.rglob("*"), reverse=True)
    for path in (*below, folder, folder.parent):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            continue
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
