"""Holds artifacts against what the records say of them: lost ones are made again, changed ones refused."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qwatt.core.durable import digest_of
from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.core.trial import Trial
from qwatt.protocol.artifacts import artifact_folder


class Kept:
    """The artifacts of a run folder.

    Args:
        folder: the run's.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._digests: dict[str, str] = {}

    def lost(self, trials: Iterable[Trial]) -> list[Trial]:
        """Return the trials that exported something which is not there any more."""
        made = [trial for trial in trials if trial.artifacts and trial.done]
        return [t for t in made if not all((self._folder.path / file).exists() for file in t.artifacts)]

    def stale(self, trials: Iterable[Trial]) -> list[Trial]:
        """Return the trials that took an artifact which has been made again since, and differs."""
        takers = [trial for trial in trials if trial.artifact_source and trial.source_digest and trial.done]
        if not takers:
            return []
        made = {file: t.artifact_digest for t in self._folder.trials() for file in t.artifacts}
        return [t for t in takers if made.get(str(t.artifact_source)) not in (None, t.source_digest)]

    def digest(self, source: Path) -> str:
        """Return the digest of the artifact whose main file a chained trial is about to take.

        Raises:
            QwattError: it is not there, or not what the trial that made it wrote.
        """
        main = source.relative_to(self._folder.path).as_posix()
        if main not in self._digests:
            self._digests[main] = self._checked(source, main)
        return self._digests[main]

    def _checked(self, source: Path, main: str) -> str:
        if not source.exists():
            mend = "run the study that made it again, or choose another --out"
            raise QwattError("the artifact is not there any more", where=str(source), mend=mend)
        trials = self._folder.trials()
        maker = next((t for t in trials if main in t.artifacts), None)
        found = digest_of(source if maker is None else self._folder.path / artifact_folder(maker))
        recorded = None if maker is None else maker.artifact_digest
        used = {t.source_digest for t in trials if t.artifact_source == main} - {None}
        if found not in ({recorded} if recorded else used or {found}):
            raise QwattError(
                "the artifact was changed since it was made, and the trials before took it as it was",
                where=str(source),
                mend="delete it to have it made again, or choose another --out",
            )
        return found
