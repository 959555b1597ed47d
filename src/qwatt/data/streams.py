"""Opens what a user names as bytes: regular files alone, through their compression, damage told by file.

Formats: plain, .gz, .bz2, .xz, .zst (by pyarrow) and the members of a .zip. A FIFO, socket or device is
refused before it is opened, as opening it may wait for ever.
"""

from __future__ import annotations

import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, Any

from qwatt.core import regular
from qwatt.core.errors import QwattError
from qwatt.data.names import shown

_BUFFER_BYTES = 1 << 16
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)
"""What the decompressors of the standard library and of pyarrow raise on broken input."""


@dataclass(frozen=True)
class Source:
    """A file to read, or one member of a .zip file.

    Args:
        path: where it lies.
        name: how rows and reports call it, relative to what the user gave.
        member: the member of the .zip file at `path`.
    """

    path: Path
    name: str
    member: str | None = None

    @property
    def where(self) -> str:
        """The place that errors name."""
        return shown(str(self.path)) + (f"/{shown(self.member)}" if self.member is not None else "")

    @property
    def suffixes(self) -> tuple[str, str]:
        """The suffix that tells the form, and that of the compression ("" for none), in small letters."""
        suffixes = [s.lower() for s in PurePosixPath(self.member or self.path.name).suffixes]
        if suffixes and suffixes[-1] in _OPENERS:
            return (suffixes[-2] if len(suffixes) > 1 else ""), suffixes[-1]
        return (suffixes[-1] if suffixes else ""), ""


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; else it is a regular file.

    Raises:
        QwattError: there is nothing, it cannot be looked at, or it is a FIFO, a socket or a device.
    """
    return regular.is_folder(path, shown(str(path)))


def open_binary(source: Source, start: int = 0) -> io.BufferedReader:
    """Open a file through its compression; reading raises a `QwattError` where the file is damaged.

    Args:
        source: the file.
        start: the byte to begin at, in a file without compression.

    Raises:
        QwattError: it is no regular file, cannot be opened, or its compression's beginning is damaged.
    """
    if is_folder(source.path):
        raise QwattError("a folder, not a file", where=source.where, mend="name a file in it")
    _, compression = source.suffixes
    raw = _Told(source.where, ".zip" if source.member is not None else compression)
    try:
        stream: IO[bytes] = open(source.path, "rb")  # noqa: PTH123, SIM115 (closed by the stream returned)
    except OSError as error:
        raise QwattError(f"cannot be opened: {error.strerror}", where=source.where) from error
    raw.streams.append(stream)
    try:
        if start:
            stream.seek(start)
        if source.member is not None:
            stream = _archive(source.path, os.getpid(), _identity(source.path)).open(source.member)
            raw.streams.append(stream)
        if compression:
            raw.streams.append(_OPENERS[compression](stream))
    except _DAMAGE as error:
        raw.close()
        raise raw.damaged(error) from error
    return io.BufferedReader(raw, _BUFFER_BYTES)


def zip_members(path: Path, name: str) -> list[Source]:
    """Return the files in a .zip file in order of their names, less hidden ones.

    Raises:
        QwattError: the archive is damaged.
    """
    try:
        names = sorted(set(_archive(path, os.getpid(), _identity(path)).namelist()))
    except _DAMAGE as error:
        raise _Told(shown(str(path)), ".zip").damaged(error) from error
    files = [n for n in names if n and not n.endswith("/") and not hidden(PurePosixPath(n))]
    return [Source(path, f"{name}/{shown(n)}", n) for n in files]


@lru_cache(maxsize=1)
def _archive(path: Path, process: int, identity: tuple[int, ...]) -> zipfile.ZipFile:
    """Return an archive whose list of members is read once, not again for each of its members.

    A process keeps one of its own, as two that share a file's place would read each other's bytes.
    """
    return zipfile.ZipFile(path)


def _identity(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def hidden(path: PurePosixPath | Path) -> bool:
    """Whether a path inside a folder or archive is one that tools put there for themselves."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


class _Told(io.RawIOBase):
    """The last of a chain of streams; closes all, and tells damage with the file's name."""

    def __init__(self, where: str, suffix: str) -> None:
        self.where = where
        self.suffix = suffix
        self.streams: list[Any] = []

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self.streams[-1].read(len(buffer))
        except _DAMAGE as error:
            raise self.damaged(error) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        for stream in reversed(self.streams):
            stream.close()
        super().close()

    def damaged(self, error: BaseException) -> QwattError:
        reason = shown(str(error).splitlines()[0] if str(error) else type(error).__name__)
        if "encrypted" in reason:
            return QwattError("encrypted", where=self.where, mend="unpack it with its password first")
        what = f"the {self.suffix} file is damaged" if self.suffix else "cannot be read"
        mend = "copy or download it again" if self.suffix else "check the disk and the file's permissions"
        return QwattError(f"{what}: {reason}", where=self.where, mend=mend)


def _gz(stream: IO[bytes]) -> Any:
    import gzip

    return gzip.GzipFile(fileobj=stream)


def _bz2(stream: IO[bytes]) -> Any:
    import bz2

    return bz2.BZ2File(stream)


def _xz(stream: IO[bytes]) -> Any:
    return lzma.LZMAFile(stream)


def _zst(stream: IO[bytes]) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd")


_OPENERS: dict[str, Callable[[IO[bytes]], Any]] = {".gz": _gz, ".bz2": _bz2, ".xz": _xz, ".zst": _zst}


def same_file(path: Path) -> tuple[int, int]:
    """Return what tells one file or folder from another, whatever names lead to it."""
    found = os.stat(path)  # noqa: PTH116 (follows links, as reading does)
    return found.st_dev, found.st_ino
