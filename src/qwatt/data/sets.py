"""The data sets and models that qwatt knows by name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from qwatt.core.errors import unknown_name


@dataclass(frozen=True)
class Archive:
    """A package's archive on the registry.

    Args:
        package: name of the package.
        version: its exact version.
        form: "sdist" or "wheel".
        sha256: digest of the archive.
        files: patterns of the files to keep, the archive's first folder removed.
        inner: an archive inside the archive that holds the files.
        file_sha256: digests of single files inside, checked as well.
    """

    package: str
    version: str
    form: str
    sha256: str
    files: tuple[str, ...]
    inner: str | None = None
    file_sha256: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Name of the archive's folder in the cache."""
        return f"{self.package}-{self.version}-{self.sha256[:12]}"


@dataclass(frozen=True)
class DataSet:
    """A named data set or model.

    Args:
        name: the name that studies use.
        kind: "text", "labelled text", "table", "model" (a sentence encoder) or "decoder" (a language model).
        title: what it holds, in one line.
        licence: what the package states.
        citation: whom to cite.
        archive: where it comes from.
        path: file or folder inside the archive; empty for all of it.
    """

    name: str
    kind: str
    title: str
    licence: str
    citation: str
    archive: Archive
    path: str = ""


@cache
def _tables() -> tuple[dict[str, Archive], dict[str, DataSet]]:
    text = files("qwatt.catalogue").joinpath("datasets.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    archives = {
        name: Archive(**(table | {"files": tuple(table["files"])}))
        for name, table in tables["archive"].items()
    }
    sets = {
        name: DataSet(name=name, **(table | {"archive": archives[table["archive"]]}))
        for name, table in tables["dataset"].items()
    }
    return archives, sets


def list_datasets() -> list[DataSet]:
    """Return every known data set and model."""
    return list(_tables()[1].values())


def get_dataset(name: str) -> DataSet:
    """Return a data set's description.

    Raises:
        QwattError: no such data set; names the nearest ones.
    """
    sets = _tables()[1]
    if name not in sets:
        raise unknown_name("data set", name, sets)
    return sets[name]
