"""Keeps the user's home folder, and so the user's name, out of what is written: `~` stands for it."""

from __future__ import annotations

import os
import re
from pathlib import Path


def _home() -> str:
    return os.path.expanduser("~").rstrip("/\\")  # noqa: PTH111 (pathlib raises where there is no home)


def from_home(path: str) -> str:
    """Return a path below the home folder as one that begins with `~`; any other as it is."""
    home = _home()
    below = len(home) > 1 and path.startswith(home) and path[len(home) : len(home) + 1] in ("/", "\\")
    return f"~{path[len(home) :]}" if below else path


def expanded(path: str) -> Path:
    """Return a path with the home folder for its `~`; as it is where there is no such user."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 (pathlib raises where there is no home)


def without_home(text: str) -> str:
    """Return the text with `~` for the home folder wherever a path in it begins there."""
    home = _home()
    if len(home) < 2 or home not in text:
        return text
    return re.sub(rf"(?<![\w.~-])(?:(?<!/)|(?<=//)){re.escape(home)}(?![\w.-])", "~", text)
