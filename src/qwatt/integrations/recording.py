"""One stretch of work that is being recorded."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from qwatt.core.energy_log import append_energy, energy_lock
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity, total
from qwatt.core.run_folder import RunFolder
from qwatt.core.stage_energy import StageEnergy
from qwatt.energy.meter import Meter, Window
from qwatt.integrations.hardware import accelerators
from qwatt.integrations.taken_in import counts_taken, facts_taken, seconds_taken

if TYPE_CHECKING:
    from qwatt.energy.meter import Measurement

ENCLOSING = "QWATT_RECORDING"
"""Names the stretch that a child process is inside of."""

_open: list[Recording] = []
"""This process's open stretches, the outermost first."""


class Recording:
    """A stretch of work: `count` what it does, `mark` its parts, read its `energy` afterwards."""

    def __init__(self, folder: Path, row: StageEnergy, meter: Meter, every_s: float) -> None:
        self.folder, self.row, self.meter, self.every_s = folder, row, meter, every_s
        self._outside: str | None = _open[0]._outside if _open else os.environ.get(ENCLOSING)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._part: Window | None = None
        self._window = meter.begin(row.stage)
        self._writer = threading.Thread(target=self._keep_writing, name="qwatt-record", daemon=True)

    @classmethod
    def begin(
        cls,
        folder: Path,
        stage: str,
        label: str,
        counts: Mapping[str, float],
        facts: Mapping[str, Any],
        every_s: float,
        meter: Meter | None = None,
    ) -> Recording:
        """Begin one, and write its row before anything is measured.

        Raises:
            QwattError: the folder cannot be made or written, or what is given fits no row.
        """
        every_s, counts = seconds_taken(every_s), counts_taken(counts)
        _refuse_other_stage(folder, stage)
        run, identifier, meter = RunFolder(folder), uuid4().hex[:16], meter or Meter()
        row = StageEnergy(
            id=identifier,
            stage=stage,
            label=str(label),
            status="open",
            started=_now(),
            seconds=0.0,
            energy=Quantity.unknown("the process ended before anything was measured"),
            counts=counts,
            facts=facts_taken({"accelerators": accelerators(meter)} | dict(facts)),
            part_of=_open[-1].row.id if _open else os.environ.get(ENCLOSING),
            process=os.getpid(),
        )
        try:
            row = replace(row, environment=_environment(run))
            append_energy(folder, row)
        except OSError as error:
            mend = "give a folder that can be written"
            raise QwattError(
                f"cannot record: {error.strerror or error}", where=str(folder), mend=mend
            ) from error
        recording = cls(folder, row, meter, every_s)
        _open.append(recording)
        os.environ[ENCLOSING] = identifier
        recording._writer.start()
        return recording

    @property
    def energy(self) -> Quantity:
        """Joules so far as they were written down; after the end, of the whole."""
        return self.row.energy

    def count(self, **units: float) -> None:
        """Add to what was done: `count(tokens=512)`; for serving `count(requests=1)`.

        Raises:
            QwattError: one is no finite number of 0 or more; nothing is added then.
        """
        added = counts_taken(units)
        with self._lock:
            counts = {name: self.row.counts.get(name, 0) + number for name, number in added.items()}
            self.row = replace(self.row, counts={**self.row.counts, **counts_taken(counts)})

    def note(self, **facts: Any) -> None:
        """Keep further facts."""
        with self._lock:
            self.row = replace(self.row, facts={**self.row.facts, **facts_taken(facts)})

    def mark(self, label: str, **counts: float) -> None:
        """End a part that began with the last mark, or with the whole; written at once, and in no sum.

        Must be called in the thread that began the recording.
        """
        if self._part is None:
            raise QwattError("parts are not recorded", mend="call begin_parts() first")
        counts = counts_taken(counts)
        part = self.meter.end(self._part).measurement
        started = datetime.now(UTC).timestamp() - part.seconds
        row = replace(
            self.row, id=uuid4().hex[:16], label=label, status="done", part_of=self.row.id, counts=counts,
            started=_written(datetime.fromtimestamp(started, UTC)), facts={},
        )  # fmt: skip
        self._write(_measured(row, part))
        self._part = self.meter.begin("part")

    def begin_parts(self) -> None:
        """Begin the first part; every `mark` ends one and begins the next."""
        self._part = self.meter.begin("part")

    def end(self, error: BaseException | None = None) -> StageEnergy:
        """End it, and write what it took; what the work raised is named in the row."""
        if os.getpid() != self.row.process:
            return self.row  # a fork of the recording process, which ends it itself
        try:
            self._end(error)
        finally:
            self._leave()  # whatever came between: what is recorded next is no part of this
        return self.row

    def _end(self, error: BaseException | None) -> None:
        self._stop.set()
        self._writer.join()
        if self._part is not None:
            self.meter.end(self._part)
            self._part = None
        measured = self.meter.end(self._window).measurement
        status, said = ("done", None) if error is None else ("failed", type(error).__name__)
        with self._lock:
            self.row = replace(_measured(self.row, measured), status=status, error=said)
        self._write(self.row)

    def _leave(self) -> None:
        if self in _open:
            _open.remove(self)
        around = _open[-1].row.id if _open else self._outside
        if around is None:
            os.environ.pop(ENCLOSING, None)
        else:
            os.environ[ENCLOSING] = around

    def _keep_writing(self) -> None:
        """Write the row again and again; windows of this thread hold what all threads do."""
        so_far: list[Quantity] = []
        while True:
            window = self.meter.begin("interim")
            ended = self._stop.wait(self.every_s)
            part = self.meter.end(window).measurement
            if ended:
                return
            so_far = [total([*so_far, part.energy])]
            with self._lock:
                self.row = replace(
                    self.row,
                    seconds=self.row.seconds + part.seconds,
                    energy=so_far[0],
                    cpu_seconds=self.row.cpu_seconds + part.cpu_seconds,
                    peak_rss_bytes=max(self.row.peak_rss_bytes, part.peak_rss_bytes),
                )
                row = self.row
            self._write(row)

    def _write(self, row: StageEnergy) -> None:
        """Append a row; the user's work is not ended by a full disk, so that this warns with the joules."""
        try:
            append_energy(self.folder, row)
        except OSError as error:
            said = f"{row.stage} {row.label}: {row.energy} not recorded in {self.folder}: {error}"
            warnings.warn(said, RuntimeWarning, stacklevel=2)


def _measured(row: StageEnergy, found: Measurement) -> StageEnergy:
    return replace(
        row,
        seconds=found.seconds,
        energy=found.energy,
        cpu_seconds=found.cpu_seconds,
        peak_rss_bytes=found.peak_rss_bytes,
        flags=found.flags,
    )


def _refuse_other_stage(folder: Path, stage: str) -> None:
    """Refuse a stage inside another one's stretch, whose joules would be counted as the other's.

    Raises:
        QwattError: such a stretch is open.
    """
    around = next((one.row for one in _open if one.folder == folder and one.row.stage != stage), None)
    if around is not None:
        what = f"{stage} inside {around.label or 'a stretch'}: it would count as {around.stage}"
        raise QwattError(what, where="stage", mend="end the other stretch first, or give both one stage")


def _environment(run: RunFolder) -> str:
    from qwatt.protocol.environment import describe_environment

    identifier, facts = describe_environment()
    with energy_lock(run.path):
        if identifier not in run.environments():
            run.add_environment(identifier, facts)
    return identifier


def _now() -> str:
    return _written(datetime.now(UTC))


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
