"""Takes the wanted files out of a wheel or a source archive."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.data.sets import Archive

if TYPE_CHECKING:
    import tarfile
else:
    tarfile = lazy("tarfile")


def digest(file: Path) -> str:
    """Return a file's SHA-256 as hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def unpack(file: Path, archive: Archive, target: Path) -> list[str]:
    """Write the wanted files of an archive into a folder and return their names.

    Raises:
        QwattError: a wanted file is missing, has another SHA-256, or would leave the folder.
    """
    names = []
    for name, stream in _members(file, archive.inner):
        if any(fnmatch(name, pattern) for pattern in archive.files):
            _write(stream.read(), target, name, file)
            names.append(name)
    missing = [p for p in archive.files if not any(fnmatch(name, p) for name in names)]
    if missing:
        raise QwattError(f"the archive has no {', '.join(missing)}", where=file.name)
    for name, expected in archive.file_sha256.items():
        if digest(target / name) != expected:
            raise QwattError(f"{name} has another SHA-256 than the catalogue states", where=file.name)
    return sorted(names)


def _members(file: Path, inner: str | None) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files of an archive, or of the archive inside it, the first folder removed."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield _without_top(entry.filename), archive.open(entry)
        return
    with tarfile.open(file) as outer:
        for name, stream in _tar_members(outer):
            if inner is None:
                yield name, stream
            elif name == inner:
                with tarfile.open(fileobj=io.BytesIO(stream.read())) as nested:
                    yield from _tar_members(nested)


def _tar_members(archive: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in archive:
        if member.isfile() and (stream := archive.extractfile(member)):
            yield _without_top(member.name), stream


def _without_top(name: str) -> str:
    return name.split("/", 1)[-1]


def _write(content: bytes, target: Path, name: str, file: Path) -> None:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
        raise QwattError(f"the archive names a file outside of its folder: {name!r}", where=file.name)
    path = target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
