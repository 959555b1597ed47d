"""A progress bar with the time left, and one line a finished trial."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from qwatt.core.printable import first_line, printable
from qwatt.core.trial import Trial, TrialSpec


class StudyProgress:
    """Shows a study's progress on stderr; a context manager that `run_study` can call.

    Args:
        count: trials of the study.
        done: trials that are done already.
        quiet: print nothing but the bar.
    """

    def __init__(self, count: int, done: int, quiet: bool = False) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn as TimeLeft

        from qwatt.report.console import PlainConsole

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
        times = (TimeElapsedColumn(), TextColumn("left"), TimeLeft())
        out = PlainConsole(stderr=True)
        self.bar = Progress(*columns, *times, console=out, transient=True, disable=not out.is_terminal)
        self.task = self.bar.add_task("starting", total=count, completed=done)
        self.count = count
        self.quiet = quiet

    def __enter__(self) -> StudyProgress:
        self.bar.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.bar.stop()

    def __call__(self, event: str, spec: TrialSpec, trial: Trial | None) -> None:
        """Take an event of `run_study`."""
        if event == "further":
            self.count += 1
            self.bar.update(self.task, total=self.count)
            return
        if event == "load":
            text = f"{spec.task} seed {spec.seed}: loading"
        else:
            text = f"{spec.task} seed {spec.seed}: {spec.method}"
        self.bar.update(self.task, description=text)
        if trial is not None:
            self.bar.advance(self.task)
            if not self.quiet:
                self.bar.console.print(trial_line(trial), soft_wrap=True)


def trial_line(trial: Trial) -> Any:
    """Return one line that says how a trial ended."""
    from rich.text import Text

    name = f"{trial.spec.task} {trial.spec.method} seed {trial.spec.seed}"
    if not trial.done:
        return Text(printable(f"failed {name}: {first_line(trial.error)}"), style="red")
    energy = trial.host_energy
    joules = "energy unknown" if energy is None or not energy.known else f"{energy.interval[1]:.3g} J"
    return Text(f"done   {name}: {trial.metric} {trial.quality:.4f}, {joules}, {trial.seconds:.1f} s")
