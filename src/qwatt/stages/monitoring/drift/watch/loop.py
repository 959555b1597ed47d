"""The loop: lines in, windows out, a commit every now and then."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.stages.monitoring.drift.watch.detector import Detector, Finding
from qwatt.stages.monitoring.drift.watch.folder import BAD_ROWS, WINDOWS, StateFolder
from qwatt.stages.monitoring.drift.watch.form import Form, Values
from qwatt.stages.monitoring.drift.watch.lines import Lines
from qwatt.stages.monitoring.drift.watch.printing import Printer
from qwatt.stages.monitoring.drift.watch.progress import Progress
from qwatt.stages.monitoring.drift.watch.stopping import Stop
from qwatt.stages.monitoring.drift.watch.window import FillingWindow

COMMIT_S = 0.2
"""Windows that come faster are committed together."""
_MOST_BAD_ROWS = 1_000
"""Held in memory."""
_PATIENCE = 100
"""Bad rows without a good one between them before it is said, as windows may never come."""


@dataclass(frozen=True, eq=False)
class Watch:
    """What a loop works with.

    Args:
        form: of the rows.
        window: rows of a window.
        detector: looks at windows.
        features: from values to what the detector takes.
        name: of the detector.
        live: whether the input goes on where it stopped, instead of coming again from its beginning.
        spent: returns the energy since it was called last.
        tell: says to people what cannot wait for the end.
    """

    form: Form
    window: int
    detector: Detector
    features: Callable[[Values], Any]
    name: str
    live: bool
    spent: Callable[[], Quantity]
    tell: Callable[[str], None]


class Loop:
    """One process's part of a watch.

    Args:
        watch: what is watched and how.
        folder: an open state folder.
        printer: prints what is committed.
        identity: written into every checkpoint.

    Attributes:
        progress: counts.
        filling: the window that is not full yet.
        begun: the beginning of the line that a live input was stopped in.
    """

    def __init__(
        self, watch: Watch, folder: StateFolder, printer: Printer, identity: Mapping[str, Any]
    ) -> None:
        self.progress = Progress()
        self.filling = FillingWindow(watch.form, watch.window, 1)
        self.begun = b""
        self._watch = watch
        self._folder = folder
        self._printer = printer
        self._identity = identity
        self._skip = 0
        self._skipped_checksum = 0
        self._found: list[dict[str, Any]] = []
        self._bad: list[str] = []
        self._bad_in_a_row = 0
        self._changed = True
        self._committed = time.monotonic()

    def go_on(self, checkpoint: Mapping[str, Any]) -> int:
        """Take a watch up where its checkpoint is; return the windows that are printed again.

        Raises:
            QwattError: what the checkpoint holds is not what a watch of these options left.
        """
        try:
            self._restore(checkpoint)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            mend = "restore it, or begin anew in another --state"
            raise QwattError(f"the checkpoint cannot be used: {error!r:.80}", mend=mend) from error
        self._skip = 0 if self._watch.live else self.progress.lines
        self.begun = _bytes(checkpoint["begun"]) if self._watch.live else b""
        return self._printer.catch_up(checkpoint["printed_to"])

    def _restore(self, checkpoint: Mapping[str, Any]) -> None:
        self.progress = Progress.from_record(checkpoint)
        self._watch.detector.restore(checkpoint["detector"])
        held = [_bytes(line) for line in checkpoint["held"]]
        self.filling = FillingWindow(self._watch.form, self._watch.window, checkpoint["first_line"])
        if len(held) >= self._watch.window:
            raise ValueError("it holds a whole window")
        if held and self.filling.add(held, checkpoint["first_line"]):
            raise ValueError("it holds rows that cannot be used")
        self.filling.bad_rows = checkpoint["bad_rows"]

    def run(self, lines: Lines, stop: Stop) -> None:
        """Work until the input ends or a signal comes; what is done by then is committed.

        Raises:
            QwattError: the input that was to be replayed is not the one that was watched.
        """
        while not stop.signal:
            due = self._found or self._bad or (self._changed and self._watch.live)
            if not lines.wait(max(0.0, self._committed + COMMIT_S - time.monotonic()) if due else None):
                if lines.ended:
                    break
                if due:
                    self._commit()
            elif self._skip:
                self._pass_over(lines)
            else:
                self._read(lines.take(self.filling.missing))
        if self._skip and not stop.signal:
            what = f"it ended before line {self.progress.lines:,}, which the watch had come to"
            mend = "replay it from its beginning, or say --live where it goes on"
            raise QwattError(what, where="standard input", mend=mend)
        if not self._skip:
            self._finish(lines)

    def _finish(self, lines: Lines) -> None:
        """Commit; of a live input that goes on elsewhere, nothing that was taken from it is lost."""
        while self._watch.live and (taken := lines.take(self.filling.missing)):
            self._read(taken)
        self.begun = lines.begun
        self._commit()

    def _pass_over(self, lines: Lines) -> None:
        """Leave out the lines that were watched before, and check that they are the same."""
        taken = lines.take(self._skip)
        self._skip -= len(taken)
        self._skipped_checksum = checksum(taken, self._skipped_checksum)
        if not self._skip and self._skipped_checksum != self.progress.checksum:
            what = f"the first {self.progress.lines:,} lines are not those that were watched"
            mend = "replay the same input, say --live where it goes on, or begin anew in another --state"
            raise QwattError(what, where="standard input", mend=mend)

    def _read(self, lines: list[bytes]) -> None:
        progress, good = self.progress, len(self.filling.lines)
        try:
            bad_rows = self.filling.add(lines, progress.lines + 1)
        except QwattError:
            self._commit()  # what came before them counts
            raise
        for bad in bad_rows:
            progress.bad[bad["reason"]] += 1
            self._bad.append(json.dumps(bad))
        self._notice(len(bad_rows), len(self.filling.lines) > good)
        progress.lines += len(lines)
        progress.checksum = checksum(lines, progress.checksum)
        self._changed = True
        if not self.filling.missing:
            self._look()
        elif len(self._bad) >= _MOST_BAD_ROWS:
            self._commit()

    def _notice(self, bad: int, good: bool) -> None:
        """Say once that rows have become bad, as no window comes of them."""
        before, self._bad_in_a_row = self._bad_in_a_row, 0 if good else self._bad_in_a_row + bad
        if before < _PATIENCE <= self._bad_in_a_row:
            reasons = self.progress.reasons()
            self._watch.tell(f"{self._bad_in_a_row:,} rows one after another cannot be used: {reasons}")

    def _look(self) -> None:
        progress = self.progress
        progress.windows += 1
        progress.rows += self._watch.window
        finding = self._watch.detector.look(self._watch.features(self.filling.values), progress.windows)
        progress.alerts += finding.alert
        self._found.append(self._line(finding))
        self.filling = FillingWindow(self._watch.form, self._watch.window, progress.lines + 1)
        if time.monotonic() - self._committed >= COMMIT_S:
            self._commit()

    def _line(self, finding: Finding) -> dict[str, Any]:
        progress, values = self.progress, {"p_value": finding.p_value, "e_value": finding.e_value}
        return {
            "window": progress.windows,
            "first_line": self.filling.first_line,
            "last_line": progress.lines,
            "rows": self._watch.window,
            "bad_rows": self.filling.bad_rows,
            "detector": self._watch.name,
            "statistic": finding.statistic,
            **{name: number for name, number in values.items() if number is not None},
            "alert": finding.alert,
            "alerts": progress.alerts,
        }

    def _commit(self) -> None:
        """Bring all that was done to disk, then print the windows."""
        self.progress.charge(self._watch.spent())
        energy = self.progress.energy
        joules = None if energy is None else energy.value
        lines = [json.dumps({**found, "energy_j": joules}) for found in self._found]
        record = {
            "identity": self._identity,
            **self.progress.to_record(),
            "detector": self._watch.detector.state(),
            "held": [_text(line) for line in self.filling.lines],
            "begun": _text(self.begun),
            "first_line": self.filling.first_line,
            "bad_rows": self.filling.bad_rows,
            "printed_to": self._printer.identity,
        }
        self._folder.commit({WINDOWS: lines, BAD_ROWS: self._bad}, record)
        self._bad, self._changed = [], False
        if self._found:
            self._printer.print_new()
            self._found = []
        self._committed = time.monotonic()


def _text(line: bytes) -> str:
    """Return any bytes as text that JSON can hold."""
    return line.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def checksum(lines: list[bytes], before: int) -> int:
    """Return the CRC-32 of lines after others."""
    return crc32(b"\n".join([*lines, b""]), before)
