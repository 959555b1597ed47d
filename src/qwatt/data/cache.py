"""The folder where fetched data and computed embeddings are kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from qwatt.core.errors import QwattError


def cache_folder(*parts: str) -> Path:
    """Return a folder inside the cache and make it if it is not there.

    The cache is `$QWATT_CACHE`, else the platform's place for caches (`~/.cache/qwatt` on Linux).

    Raises:
        QwattError: the folder cannot be made.
    """
    folder = _root().joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise QwattError(
            f"the cache folder cannot be made: {error.strerror}",
            where=str(folder),
            mend="set QWATT_CACHE to a folder you can write to",
        ) from error
    return folder


def _root() -> Path:
    if chosen := os.environ.get("QWATT_CACHE"):
        return Path(chosen).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "qwatt"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "qwatt" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qwatt"
