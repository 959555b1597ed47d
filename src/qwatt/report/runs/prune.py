"""Deletes run folders: only those that are named, only inside the folders given, only what a run wrote."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder

PAID = "jobs.jsonl"
_OURS = re.compile(
    r"trials\.(jsonl|torn)|study\.toml|environment\.json|sources\.json|energy\.jsonl|report\.html|artifacts"
    r"|(comparison|projection|levers|life_cycle|enhancements)\.(json|csv)|figures|scenario\.toml"
    r"|\.lock|\.jobs\.lock|.*\.part"
)
"""What lies at the top of a run folder that nobody has put anything else into."""


def kept_because(path: Path, roots: Sequence[Path]) -> str | None:
    """Return why a run folder is not to be deleted, or None where it may be."""
    inside = [root.resolve() for root in roots]
    if path.is_symlink() or path.resolve() != path or not any(top in path.parents for top in inside):
        return "it is not inside the folders given"
    if not RunFolder.is_run(path):
        return "it is no run any more"
    names = [entry.name for entry in path.iterdir()]
    if PAID in names:
        return f"{PAID} says what was paid to a provider"
    others = sorted(name for name in names if not _OURS.fullmatch(name))
    return f"it holds other things: {', '.join(others[:3])}" if others else None


def delete_run(path: Path, roots: Sequence[Path]) -> None:
    """Delete one run folder, whole, while nobody writes into it.

    Raises:
        QwattError: it may not be deleted, or another run is writing there.
    """
    if (why := kept_because(path, roots)) is not None:
        raise QwattError(f"not deleted: {why}", where=str(path))
    with RunFolder(path).locked():
        shutil.rmtree(path)
