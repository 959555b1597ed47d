"""How far a study is: bars on a terminal, elsewhere one line every 30 s; and one line a finished trial."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any

from qwatt.cli.time_left import HEARTBEAT_S, Clock, TimeLeft
from qwatt.core.printable import first_line, one_line
from qwatt.core.trial import Trial, TrialSpec

if TYPE_CHECKING:
    from rich.console import Console

_REDRAW_S = 0.05
"""Least time between two changes of the screen."""


class StudyProgress:
    """Shows a study's progress on stderr; a context manager that `run_study` can call.

    Args:
        specs: trials of the study.
        done: trials of it that are done already.
        quiet: print no line for a finished trial.
        heartbeat_s: seconds between two lines where stderr is no terminal.
        clock: the time.
        out: where to print.
        spread: whether several trials run at once, elsewhere.
        opening: lines that stand before the first trial.
    """

    def __init__(
        self,
        specs: Sequence[TrialSpec],
        done: Iterable[Trial] = (),
        quiet: bool = False,
        heartbeat_s: float = HEARTBEAT_S,
        clock: Clock = time.monotonic,
        out: Console | None = None,
        spread: bool = False,
        opening: Sequence[str] = (),
    ) -> None:
        from qwatt.report.console import PlainConsole

        finished = list(done)
        ids = {trial.spec.id for trial in finished}
        todo = [spec for spec in specs if spec.id not in ids]
        self.out = out or PlainConsole(stderr=True)
        self.quiet = quiet
        self._spread, self._opening = spread, () if quiet else tuple(opening)
        self._count, self._done = len(specs), len(specs) - len(todo)
        self._left = TimeLeft(todo, finished, clock)
        self._what = "starting"
        self._clock = clock
        self._drawn = float("-inf")
        self._heartbeat_s = heartbeat_s
        self._over = Event()
        self._bars = _bars(self.out) if self.out.is_terminal else None
        if self._bars is not None:
            self._study = self._bars.add_task(self._what, total=self._count, completed=self._done, left="")
            self._trial = self._bars.add_task("", total=None, left="", visible=False)

    def __enter__(self) -> StudyProgress:
        if self._bars is not None:
            self._bars.start()
        else:
            Thread(target=self._beat, name="heartbeat", daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, event: str, spec: TrialSpec, trial: Trial | None) -> None:
        """Take an event of `run_study`."""
        if event == "further":
            self._count += 1
            self._left.todo.append(spec)
        elif event == "load":
            self._left.load(spec)
            self._what = f"{spec.task} seed {spec.seed}, loading"
        elif event == "start":
            self._open()
            if not self._spread:
                self._left.start(spec)
            self._what = f"{spec.task} {spec.method} seed {spec.seed}"
        elif trial is not None:
            if self._spread:
                self._left.ended(trial)
            else:
                self._left.done()
            self._done += 1
            if not self.quiet:
                self.out.print(trial_line(trial), soft_wrap=True)
        self._draw()

    def _open(self) -> None:
        """Print the opening once: what cannot begin is refused without it."""
        for line in self._opening:
            self.out.print(one_line(line), soft_wrap=True)
        self._opening = ()

    def advance(self, done: int, total: int, unit: str) -> None:
        """Take what is told from inside a trial; see `qwatt.core.progress`."""
        self._left.advance(done, total, unit)
        if self._clock() - self._drawn >= _REDRAW_S:
            self._draw()

    def expect(self, spec: TrialSpec, seconds: float) -> None:
        """Take what a trial is forecast to take."""
        self._left.expect(spec, seconds)

    def line(self) -> str:
        """Say in one line how far the study is; after its last trial it is compared and reported."""
        if self._done == self._count > 0:
            return "all trials ended, writing the report"
        running, left = self._left.running, self._left.left()
        inside = str(running) if running is not None else ""
        what = f"{self._what}: {inside}" if inside else self._what
        number = min(self._done + 1, self._count)
        parts = [what, f"trial {number:,} of {self._count:,}", *([str(left)] if left is not None else [])]
        return one_line(", ".join(parts))

    def _beat(self) -> None:
        while not self._over.wait(self._heartbeat_s):
            self.out.print(self.line(), soft_wrap=True)

    def _draw(self) -> None:
        self._drawn = self._clock()
        if self._bars is None:
            return
        left, running = self._left.left(), self._left.running
        self._bars.update(
            self._study,
            description=self._what,
            total=self._count,
            completed=self._done,
            left="" if left is None else str(left),
        )
        done, total, _ = running.loop if running is not None and running.loop else (0, 0, "")
        inside = "" if running is None else str(running)
        self._bars.update(
            self._trial, description=f"  {inside}", total=total or None, completed=done, visible=bool(inside)
        )


def _bars(out: Console) -> Any:
    """Return bars for the study and for the trial that runs."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    text, left = TextColumn("{task.description}", markup=False), TextColumn("{task.fields[left]}")
    return Progress(text, BarColumn(), TimeElapsedColumn(), left, console=out, transient=True)


def trial_line(trial: Trial) -> Any:
    """Return one line that says how a trial ended."""
    from rich.text import Text

    from qwatt.report.numbers import energy as written
    from qwatt.report.numbers import scaled

    name = f"{trial.spec.task} {trial.spec.method} seed {trial.spec.seed}"
    if not trial.done:
        return Text(one_line(f"failed {name}: {first_line(trial.error)}"), style="red")
    known = trial.host_energy is not None and trial.host_energy.known
    joules = written(trial.host_energy, interval=False) if known else "energy unknown"
    took = scaled(trial.seconds, "s")
    return Text(one_line(f"done   {name}: {trial.metric} {trial.quality:.4f}, {joules}, {took}"))
