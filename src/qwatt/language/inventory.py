"""What lies in the cache, file by file, and whether it is as it was fetched or made."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from qwatt.core.cache import cache_folder
from qwatt.data.manifest import OK, examine
from qwatt.data.sets import get_dataset, list_datasets
from qwatt.language import embedding_cache

FINE = (OK, "set aside", "unused")
"""States that need nobody's care."""


class CachedFile(NamedTuple):
    """A file of the cache.

    Args:
        kind: "data sets", "decoders" or "embeddings".
        package: its folder; for embeddings the file.
        names: the data sets and models that are read from it.
        file: within the folder.
        state: "ok", "changed", "missing", "added", "set aside" or "unused" (of another version).
    """

    kind: str
    package: str
    names: tuple[str, ...]
    file: str
    state: str


def cached_files(names: Collection[str] | None = None) -> Iterator[CachedFile]:
    """Hash everything in the cache anew, package by package.

    Args:
        names: data sets and models to look at, also those that are not there; None for all that are.

    Raises:
        QwattError: there is no data set of a name.
    """
    if names is not None:
        for key in dict.fromkeys(get_dataset(name).archive.key for name in names):
            yield from _package(cache_folder("datasets") / key)
        return
    for folder in _folders("datasets"):
        yield from _package(folder)
    for folder in _folders("decoders"):
        for file, state in examine(folder, {}):
            yield CachedFile("decoders", folder.name, (folder.name.rpartition("-")[0],), file, state)
    for path in sorted(cache_folder("embeddings").iterdir()):
        if ".sqlite" in path.suffixes and path.suffix in (".sqlite", ".damaged"):
            yield CachedFile("embeddings", path.name, (), path.name, _state(path))


def _package(folder: Path) -> Iterator[CachedFile]:
    known = {d.name: d.archive for d in list_datasets() if d.archive.key == folder.name}
    stated = next(iter(known.values())).file_sha256 if known else {}
    for file, state in examine(folder, stated):
        yield CachedFile("data sets", folder.name, tuple(known), file, state)


def _folders(kind: str) -> list[Path]:
    every = sorted(cache_folder(kind).iterdir())
    return [path for path in every if path.is_dir() and not path.name.startswith(".")]


def _state(path: Path) -> str:
    """Return the state of a file of embeddings; one that another version made is not read any more."""
    own = path.name.removesuffix(".damaged").endswith(f".{embedding_cache.FORMAT}.sqlite")
    return embedding_cache.examine(path) if own else "unused"
