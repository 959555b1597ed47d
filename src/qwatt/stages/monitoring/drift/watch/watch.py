"""Watches standard input: reads the reference, makes the detector, goes on from a state folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.data.names import listed, shown
from qwatt.energy.meter import Meter
from qwatt.stages.monitoring.drift.watch.choose import make_detector, right_name
from qwatt.stages.monitoring.drift.watch.detector import Detector, Setup
from qwatt.stages.monitoring.drift.watch.features import Features
from qwatt.stages.monitoring.drift.watch.folder import StateFolder
from qwatt.stages.monitoring.drift.watch.form import Form
from qwatt.stages.monitoring.drift.watch.lines import Lines
from qwatt.stages.monitoring.drift.watch.loop import Loop, Watch
from qwatt.stages.monitoring.drift.watch.printing import Printer
from qwatt.stages.monitoring.drift.watch.progress import Progress
from qwatt.stages.monitoring.drift.watch.reference import Reference, read_reference
from qwatt.stages.monitoring.drift.watch.stopping import stopping

_FITTED_SHARE = 0.25


@dataclass(frozen=True)
class Options:
    """What a user may choose.

    Args:
        reference: a path; "FILE#name" names the field.
        detector: by name.
        alpha: nominal rate of false alarms.
        window: rows of a window.
        encoder: of texts.
        components: that stand for a text or vector; 0 for all its numbers.
        plain: whether lines are texts as they stand.
        reference_rows: most rows of the reference that are kept.
        seed: of all random choices.
        backend: where circuits run.
        shots: of each circuit.
        settings: of the detector, that the user fixed.
        masked: whether all numbers in texts count as one, as times and counters of logs should.
    """

    reference: str
    detector: str = "ks"
    alpha: float = 0.05
    window: int = 250
    encoder: str = "hashed"
    components: int = 8
    plain: bool = False
    reference_rows: int = 20_000
    seed: int = 0
    backend: str = "engine"
    shots: int | None = 1_000
    settings: Mapping[str, Any] = field(default_factory=dict)
    masked: bool = False


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a watch came to.

    Args:
        progress: counts since the watch began, over all its processes.
        resumed_from: lines that were watched before; 0 for a watch that began.
        printed_again: windows that were printed, perhaps, before.
        unwatched: rows after the last whole window.
        signal: that ended it; 0 where the input ended or nobody read the output any more.
        output_closed: whether nobody read the output any more.
        reference: what was compared with, in words.
        notes: what people should know.
    """

    progress: Progress
    resumed_from: int
    printed_again: int
    unwatched: int
    signal: int
    output_closed: bool
    reference: str
    notes: list[str]


def watch(
    options: Options,
    state: Path,
    resume: bool = False,
    live: bool = False,
    source: int = 0,
    target: int = 1,
    tell: Callable[[str], None] = lambda said: None,
) -> Outcome:
    """Compare every window of a stream with a reference; print a line of JSON a window.

    Args:
        options: what is watched and how.
        state: folder of the checkpoint, the windows and the bad rows.
        resume: whether to go on from the folder.
        live: whether the stream goes on where it stopped, instead of coming again from its beginning.
        source: file descriptor of the stream.
        target: file descriptor of the windows.
        tell: says to people what cannot wait for the end.

    Raises:
        QwattError: the reference or an option cannot be used, the folder is of another watch, the stream
            that was to be replayed is another one, or no row of a stream that ended could be used.
    """
    meter = Meter()
    window = meter.begin("watch")

    def spent() -> Quantity:
        nonlocal window
        energy = meter.end(window).energy
        window = meter.begin("watch")
        return energy

    detector_name = right_name(options.detector)
    reference = read_reference(
        options.reference, options.plain, options.reference_rows, options.seed, options.masked
    )
    _tell_left_out(reference, tell)
    features, detector = _made(options, detector_name, reference)
    identity = {**asdict(options), "detector": detector_name, "reference": reference.digest}
    folder = StateFolder(state)
    try:
        checkpoint = folder.open(identity, resume)
        printer = Printer(folder, target)
        parts = Watch(reference.form, options.window, detector, features, detector_name, live, spent, tell)
        loop = Loop(parts, folder, printer, identity)
        again, stop_signal, closed = _followed(loop, checkpoint, source)
    finally:
        folder.close()
        meter.end(window)
    before = checkpoint["lines"] if checkpoint else 0
    left = len(loop.filling.lines)
    if loop.progress.bad and not loop.progress.windows and not left and not stop_signal:
        _refuse_all(loop.progress, reference.form)
    said = f"{len(reference.values):,} of {reference.rows:,} rows, {reference.form.said()}"
    notes = _notes(detector, loop.progress, reference.form)
    return Outcome(loop.progress, before, again, left, stop_signal, closed, said, notes)


def _tell_left_out(reference: Reference, tell: Callable[[str], None]) -> None:
    if reference.left_out:
        names, first = listed(reference.left_out, 4), reference.left_out[0]
        tell(f"{reference.form.said()} are watched, and not {names}: FILE#{shown(first, 60)} names one")


def _followed(loop: Loop, checkpoint: Mapping[str, Any] | None, source: int) -> tuple[int, int, bool]:
    """Read the stream to its end; return windows that came again, the signal or 0, and whether none reads."""
    with stopping() as stop:
        closed, again = False, 0
        try:
            again = loop.go_on(checkpoint) if checkpoint else 0
            loop.run(Lines(source, stop.wake, loop.begun), stop)
        except BrokenPipeError:
            closed = True
    return again, stop.signal, closed


def _notes(detector: Detector, progress: Progress, form: Form) -> list[str]:
    """Return what the detector has to say, and whether alerts may be of times and counters alone."""
    if 2 * progress.alerts <= progress.windows:
        return detector.notes()
    mend = ""
    if form.kind == "text" and not form.masked:
        mend = "stand in the texts, as in logs, --masked takes all numbers for one"
    elif form.kind == "numbers" and len(form.fields) > 1:
        mend = "are among the fields, name the others, as in FILE#a,b"
    said = f"more than half of the windows are alerts: where times or counters {mend}"
    return [*detector.notes(), *([said] if mend else [])]


def _refuse_all(progress: Progress, form: Form) -> NoReturn:
    """Refuse an input of which nothing could be watched; it leaves no watch that could be gone on with."""
    lines = "JSON, one row a line" if form.table is None else "JSON, or lines of cells like the reference's"
    mend = f"give {form.said()}" + ("" if form.plain else f" as {lines}")
    if form.kind == "text" and not form.plain:
        mend += "; or say --plain where lines are texts as they stand"
    raise QwattError(f"no row can be used: {progress.reasons()}", where="standard input", mend=mend)


def _made(options: Options, name: str, reference: Reference) -> tuple[Features, Detector]:
    """Return what makes features, and the detector, from two separate parts of the reference."""
    where = shown(options.reference)
    numbers = reference.form.kind == "numbers"
    features = Features(reference.form, options.encoder, 0 if numbers else options.components)
    cut = int(_FITTED_SHARE * len(reference.values))
    if len(reference.values) - cut < options.window:
        what = f"{len(reference.values):,} rows are too few for windows of {options.window:,}"
        most = len(reference.values) - cut
        mend = f"give a longer reference, or --window {most:,} or less" if most > 1 else "give a longer one"
        raise QwattError(what, where=where, mend=mend)
    rows = features.vectors(reference.values)
    features.fit(rows[:cut])
    fitted, compared = (features.scaled(part) for part in (rows[:cut], rows[cut:]))
    setup = Setup(
        fitted,
        compared,
        options.alpha,
        options.window,
        options.seed,
        options.backend,
        options.shots,
        options.settings,
    )
    return features, make_detector(name, setup)
