"""Where studies and scenarios that come with qwatt are: in the source tree, or where pip put them."""

from __future__ import annotations

import site
import sys
from pathlib import Path


def shipped_folders(name: str) -> tuple[Path, ...]:
    """Return where to look for "studies" or "scenarios": the working folder first, then what was shipped."""
    source_tree = Path(__file__).parents[3] / name
    installed = (Path(base) / "share" / "qwatt" / name for base in (sys.prefix, site.getuserbase()))
    return Path(name), source_tree, *installed


def find_shipped(path: Path) -> Path:
    """Return the file itself if it is there, else the shipped one, as for studies/default.toml."""
    if path.exists() or len(path.parts) != 2:
        return path
    candidates = (folder / path.name for folder in shipped_folders(path.parts[0]))
    return next((candidate for candidate in candidates if candidate.is_file()), path)
