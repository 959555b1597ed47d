"""Reads the TOML files that users write."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.regular import refuse_special
from qwatt.core.written_number import quoted

_MOST_BYTES = 16 << 20
_DEEPEST = 100


def read_toml(path: Path, mend: str, *, suffixes: bool = False) -> tuple[dict[str, Any], str]:
    """Return a file's tables and its text.

    Args:
        path: the file.
        mend: what to do where there is no file of this kind that can be read.
        suffixes: whether numbers may be written as 8B or 2T; they come back as such texts.

    Raises:
        QwattError: not readable, not a regular file of reasonable size, not UTF-8, not TOML, or nested beyond
            reason.
    """
    try:
        refuse_special(path)
        _refuse_large(path)
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise QwattError(
            "cannot read the file: it is not UTF-8 text",
            where=f"{path}, line {line}",
            mend="save it as UTF-8",
        ) from error
    except OSError as error:
        raise QwattError(f"cannot read the file: {error.strerror}", where=str(path), mend=mend) from error
    try:
        tables = _loads(text, suffixes)
        _refuse_deep(tables)
        return tables, text
    except tomllib.TOMLDecodeError as error:
        repair = "correct that line; text needs quotes, and every table a heading in brackets"
        raise QwattError(f"not valid TOML: {error}", where=str(path), mend=repair) from error
    except ValueError as error:
        what = "a number has thousands of digits"
        raise QwattError(what, where=str(path), mend="write it shorter, as in 1e9") from error
    except RecursionError as error:
        repair = "write the values as plain numbers, texts and short lists"
        raise QwattError("nested too deeply", where=f"{path}{_deepest(text)}", mend=repair) from error


def _refuse_large(path: Path) -> None:
    if (size := path.stat().st_size) > _MOST_BYTES:
        what = f"{size >> 20:,} MiB are more than settings take"
        raise QwattError(what, where=str(path), mend="give the file of settings, not of data")


def _refuse_deep(tables: dict[str, Any]) -> None:
    """Raise a RecursionError on tables that their readers would overflow on; TOML itself has no limit."""
    level: list[Any] = [tables]
    for _ in range(_DEEPEST):
        level = [item for part in level for item in (part.values() if isinstance(part, dict) else part)]
        level = [item for item in level if isinstance(item, dict | list)]
    if level:
        raise RecursionError


def _loads(text: str, suffixes: bool) -> dict[str, Any]:
    """Return the tables; where the text is no TOML, its bare numbers with a suffix may be why."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        if not suffixes or (mended := quoted(text)) == text:
            raise
        return tomllib.loads(mended)


def _deepest(text: str) -> str:
    """Return the line and key of the line with the most opening brackets."""
    lines = text.splitlines()
    number = max(range(len(lines)), key=lambda i: lines[i].count("[") + lines[i].count("{"))
    key = lines[number].partition("=")[0].strip()
    return f", line {number + 1}, key {key}" if key and len(key) < 80 else f", line {number + 1}"
