"""`qwatt watch`: standard input against a reference, a line of JSON a window."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qwatt.cli.options import Json
from qwatt.cli.output import say
from qwatt.core.limits import MOST_SHOTS

if TYPE_CHECKING:
    from qwatt.stages.monitoring.drift.watch.watch import Outcome

REFERENCE_HELP = "Rows like those to come: .jsonl, .txt, .csv, .parquet; FILE#body names the field."
DETECTOR_HELP = "ks, or another of `qwatt list methods monitoring/drift`."
STATE_HELP = "Folder of the checkpoint, all windows and the bad rows; REFERENCE.watch without it."
ENCODER_HELP = "Of texts: hashed, minilm, or a model folder."
COMPONENTS_HELP = "Numbers that stand for a text or vector; 0 for all it has."
LIVE_HELP = "With --resume: standard input goes on where it stopped; without, it comes again from its start."
MASKED_HELP = "All numbers in texts count as one, so that times and counters of logs are no drift."
SET_HELP = "Fix a setting of the detector: setting=value (repeatable)."


def watch(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help=REFERENCE_HELP)],
    detector: Annotated[str, typer.Option(help=DETECTOR_HELP)] = "ks",
    alpha: Annotated[float, typer.Option(min=1e-4, max=0.5, help="Nominal rate of false alarms.")] = 0.05,
    window: Annotated[int, typer.Option(min=10, max=100_000, help="Rows of a window.")] = 250,
    state: Annotated[Path | None, typer.Option(metavar="FOLDER", help=STATE_HELP)] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the folder's watch stopped.")] = False,
    live: Annotated[bool, typer.Option("--live", help=LIVE_HELP)] = False,
    encoder: Annotated[str, typer.Option(help=ENCODER_HELP)] = "hashed",
    components: Annotated[int, typer.Option(min=0, max=1_024, help=COMPONENTS_HELP)] = 8,
    plain: Annotated[bool, typer.Option("--plain", help="Lines are texts as they stand, not JSON.")] = False,
    masked: Annotated[bool, typer.Option("--masked", help=MASKED_HELP)] = False,
    backend: Annotated[str, typer.Option(help="Of a quantum detector: engine, noisy:QPU, ...")] = "engine",
    shots: Annotated[int, typer.Option(min=1, max=MOST_SHOTS, help="Shots per circuit.")] = 1_000,
    fixed: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP)] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of all random choices.")] = 0,
    as_json: Json = False,
) -> None:
    """Compare standard input with a reference, window by window, for as long as it comes."""
    from qwatt.core.fixed import parse_assignments
    from qwatt.stages.monitoring.drift.watch import watch as engine

    _refuse_terminal()
    settings = parse_assignments(fixed or [])
    options = engine.Options(
        reference=reference, detector=detector, alpha=alpha, window=window, encoder=encoder,
        components=components, plain=plain, masked=masked, seed=seed, backend=backend, shots=shots,
        settings=settings,
    )  # fmt: skip
    began = time.monotonic()
    folder = state or Path(f"{reference.partition('#')[0]}.watch")
    try:
        outcome = engine.watch(options, folder, resume, live, tell=_tell_now)
    except KeyboardInterrupt:
        say("\ninterrupted; the same command with --resume goes on", to_stderr=True)
        raise typer.Exit(128 + signal.SIGINT) from None
    seconds = time.monotonic() - began
    if as_json:
        say(json.dumps(_record(outcome, folder, seconds), allow_nan=False), to_stderr=True)
    else:
        _tell(outcome, alpha, folder, seconds)
    if outcome.output_closed:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # so that nothing fails at the end
        raise typer.Exit(128 + signal.SIGPIPE)
    if outcome.signal:
        raise typer.Exit(128 + outcome.signal)


def _tell_now(said: str) -> None:
    say(f"warning: {said}", to_stderr=True)


def _refuse_terminal() -> None:
    from qwatt.core.errors import QwattError

    if sys.stdin is None or sys.stdin.isatty():
        mend = "pipe rows into it, as in: qwatt watch reference.jsonl < rows.jsonl"
        raise QwattError("there is nothing to watch", where="standard input", mend=mend)


def _record(outcome: Outcome, folder: Path, seconds: float) -> dict[str, Any]:
    """Return the summary as JSON, which goes to standard error: standard output holds windows alone."""
    return {
        **outcome.progress.to_record(),
        "unwatched_rows": outcome.unwatched,
        "printed_again": outcome.printed_again,
        "signal": outcome.signal,
        "notes": outcome.notes,
        "seconds": seconds,
        "state": str(folder),
    }


def _tell(outcome: Outcome, alpha: float, folder: Path, seconds: float) -> None:
    """Sum up on standard error, so that standard output holds windows alone."""
    from qwatt.core.headline import counted
    from qwatt.report.marks import energy_in_words
    from qwatt.report.numbers import energy

    progress = outcome.progress
    expected = alpha * progress.windows
    parts = [
        f"{counted(progress.windows, 'window')} of {counted(progress.rows, 'row')}, "
        f"{counted(progress.alerts, 'alert')} (about {expected:,.1f} expected of a stream without drift)",
        f"compared with {outcome.reference}",
        *(f"{counted(count, 'row')} set aside: {reason}" for reason, count in progress.bad.items()),
        *outcome.notes,
    ]
    if outcome.unwatched:
        parts.append(f"too few for a window at the end: {counted(outcome.unwatched, 'row')}")
    if outcome.printed_again:
        again = counted(outcome.printed_again, "window")
        parts.append(f'{again} may have been printed before: marked "again"')
    if progress.energy is not None and progress.rows:
        each = progress.energy.scaled(1_000 / progress.rows)
        parts.append(f"in all {energy_in_words(progress.energy)}; a thousand rows {energy(each)}")
    lines = progress.lines - outcome.resumed_from
    parts.append(f"{counted(lines, 'line')} in {seconds:,.1f} s; state: {folder}")
    if outcome.signal:
        parts.append("stopped by a signal; the same command with --resume goes on")
    if outcome.output_closed:
        parts.append("nobody reads the output any more; all windows lie in the state folder")
    for part in parts:
        say(part, to_stderr=True)
