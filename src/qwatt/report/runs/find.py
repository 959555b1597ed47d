"""Run folders below some folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from qwatt.core.energy_log import FILE as ENERGY
from qwatt.core.errors import QwattError
from qwatt.report.runs.digest import TRIALS

_LATEST_NS = 2**63 - 1
"""In the year 2262: the latest that SQLite holds, where a clock that was wrong wrote a later one."""


@dataclass(frozen=True)
class FoundRun:
    """A run folder, as the file system shows it.

    Args:
        path: absolute.
        size: bytes of its trials and of its recorded energy.
        mtime_ns: when one of them was written last.
    """

    path: str
    size: int
    mtime_ns: int


def find_runs(roots: Sequence[Path]) -> list[FoundRun]:
    """Return every folder with trials or recorded energy in or below some folders; links are not followed.

    Nothing is looked for inside a run.

    Raises:
        QwattError: a root is no folder.
    """
    found: dict[str, FoundRun] = {}
    for root in roots:
        if not root.is_dir():
            mend = "give folders that hold run folders, such as runs"
            raise QwattError("there is no such folder", where=str(root), mend=mend)
        for run in _below(os.path.realpath(root)):
            found[run.path] = run
    return list(found.values())


def _below(top: str) -> Iterator[FoundRun]:
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        files = [status for name in (TRIALS, ENERGY) if (status := _status(f"{folder}/{name}"))]
        regular = [status for status in files if S_ISREG(status.st_mode)]
        if regular:
            size = sum(status.st_size for status in regular)
            written_ns = max(status.st_mtime_ns for status in regular)
            yield FoundRun(folder, size, max(-_LATEST_NS, min(written_ns, _LATEST_NS)))
        elif not files:
            waiting += _folders(folder)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path, follow_symlinks=False)  # noqa: PTH116 (many folders)
    except OSError:
        return None


def _folders(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:  # one that may not be read holds nothing that could be shown
        return []
