"""The folder where fetched data and computed embeddings are kept."""

from __future__ import annotations

import os
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
    from platformdirs import user_cache_path

    return user_cache_path("qwatt", appauthor=False)
