"""What a record may say of what others' software wrote: no secrets, and `~` for the home folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from qwatt.core.durable import write_whole
from qwatt.core.home import without_home
from qwatt.core.secrets import scrubbed, scrubber


def write_tidied(path: Path, text: str) -> Path:
    """Write a file whole, without secrets and the home folder; half a character is written escaped.

    Raises:
        QwattError: it cannot be written; names the file.
    """
    return write_whole(path, without_home(scrubbed(text)))


def tidied(value: Any, names: frozenset[str] = frozenset()) -> Any:
    """Return JSON values with every text in them free of secrets and of the home folder.

    Args:
        value: the record.
        names: its fields that are names, and stay as they are.
    """
    scrub = scrubber()
    if not isinstance(value, Mapping):
        return _tidied(value, scrub)
    return {name: item if name in names else _tidied(item, scrub) for name, item in value.items()}


def _tidied(value: Any, scrub: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return without_home(scrub(value))
    if isinstance(value, Mapping):
        return {key: _tidied(item, scrub) for key, item in value.items()}
    return [_tidied(item, scrub) for item in value] if isinstance(value, list | tuple) else value
