"""A run that is refused before any trial leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.quantum.remote.ledger import FILE


@contextmanager
def leaving_nothing(folder: RunFolder) -> Iterator[None]:
    """Take a folder that was begun meanwhile away again where the run is refused without a trial or a job."""
    begun_before = RunFolder.is_run(folder.path)
    try:
        yield
    except QwattError:
        if not begun_before and not folder.trials_file.exists() and not (folder.path / FILE).exists():
            folder.forget()
        raise
