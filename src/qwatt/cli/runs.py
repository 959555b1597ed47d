"""`qwatt runs`: many run folders, listed, compared, followed along time, and cleared away."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qwatt.cli.options import Json
from qwatt.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from qwatt.report.runs.ask import Compared

runs_app = typer.Typer(
    help="List, compare, follow and clear away many run folders.", no_args_is_help=True, add_completion=False
)

METRIC_HELP = "quality, energy_j, seconds or simulation_j."
Metric = Annotated[str, typer.Argument(metavar="METRIC", help=METRIC_HELP)]
CENTURY = 36_500
"""Days; no calendar holds what many more would lead to."""
OLDER_HELP = "Without a trial since."
Folders = Annotated[
    list[Path] | None, typer.Argument(metavar="[FOLDER]...", help="Searched; by default runs.")
]
OnlyTask = Annotated[str | None, typer.Option("--task", help="Only this task.")]
OnlyMethod = Annotated[str | None, typer.Option("--method", help="Only this method.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Lines to print at most.")]
Rebuild = Annotated[bool, typer.Option("--rebuild", help="Make the index anew.")]


@runs_app.command("list")
def list_verb(
    folders: Folders = None,
    task: OnlyTask = None,
    limit: Limit = 40,
    rebuild: Rebuild = False,
    as_json: Json = False,
) -> None:
    """List runs and recorded work, the latest first: tasks, trials, failures, joules, seconds."""
    from qwatt.report.runs.ask import list_runs

    with _index(folders, rebuild) as index:
        runs = list_runs(index, task)
    if as_json:
        print_json([asdict(run) for run in runs])
        return
    if not runs:
        say(f"no run{f' of {task}' if task else ''} below {_below(folders)}; {_NAME_IT}")
        return
    rows = [
        (
            _short(r.path),
            r.last,
            r.tasks,
            f"{r.trials:,}",
            f"{r.failed:,}",
            _number(r.energy_j),
            _number(r.seconds),
        )
        for r in runs[:limit]
    ]
    print_table("Runs", ("run", "last written (UTC)", "tasks", "trials", "failed", "J", "s"), rows)
    _tell_rest(len(runs), limit, "runs")
    if damaged := sum(run.damaged > 0 for run in runs):
        say(f"{damaged:,} with lines that are no trial records; `qwatt report DIR` names them")


@runs_app.command("compare")
def compare_verb(
    metric: Metric,
    folders: Folders = None,
    task: OnlyTask = None,
    method: OnlyMethod = None,
    limit: Limit = 40,
    as_json: Json = False,
) -> None:
    """Show a metric over many runs, by method: lowest, middle, highest. `qwatt compare` compares two runs."""
    from qwatt.report.runs.ask import compare_runs

    with _index(folders) as index:
        spreads = compare_runs(index, metric, task, method)
    if as_json:
        print_json([asdict(spread) for spread in spreads])
        return
    if not spreads:
        say(_none_has(metric, folders))
        return
    cells = [(f"{s.runs:,}", *map(_number, (s.low, s.middle, s.high))) for s in spreads[:limit]]
    _print(metric, ("runs", "lowest", "middle", "highest"), spreads, cells)


@runs_app.command("trend")
def trend_verb(
    metric: Metric,
    folders: Folders = None,
    task: OnlyTask = None,
    method: OnlyMethod = None,
    limit: Limit = 40,
    as_json: Json = False,
) -> None:
    """Follow a metric from run to run, by method: a line of its values, and the last against those before."""
    from qwatt.report.runs.ask import trend_of

    with _index(folders) as index:
        series = trend_of(index, metric, task, method)
    if as_json:
        print_json([asdict(one) | {"change": one.change} for one in series])
        return
    if not series:
        say(_none_has(metric, folders))
        return
    cells = [
        (
            f"{len(one.points):,}",
            _line([value for _, _, value in one.points]),
            _number(one.points[-1][2]),
            "" if one.change is None else f"{one.change:+.1%}",
        )
        for one in series[:limit]
    ]
    _print(metric, ("runs", "oldest to latest", "latest", "against before"), series, cells)


_NAME_IT = "`qwatt run` writes below runs, or where its `--out FOLDER` says: name that folder"


def _below(folders: list[Path] | None) -> str:
    return ", ".join(map(str, folders or [Path("runs")]))


def _none_has(metric: str, folders: list[Path] | None) -> str:
    return f"no finished trial below {_below(folders)} has {metric}; {_NAME_IT}"


def _print(
    metric: str, columns: tuple[str, ...], found: Sequence[Compared], cells: Sequence[tuple[str, ...]]
) -> None:
    """Print what was compared, one line each as far as there are cells, and how many lines more there are."""
    rows = [
        (one.task, one.method, f"{one.source}, {one.size}", *mine)
        for one, mine in zip(found, cells, strict=False)
    ]
    print_table(metric, ("task", "method", "source, size", *columns), rows)
    _tell_rest(len(found), len(cells), "lines")


@runs_app.command("prune")
def prune_verb(
    folders: Folders = None,
    older: Annotated[
        int | None, typer.Option("--older", metavar="DAYS", min=1, max=CENTURY, help=OLDER_HELP)
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Without a trial that finished.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, only say what would be.")] = False,
    as_json: Json = False,
) -> None:
    """Delete runs that are old or failed: whole folders, inside the given ones, that hold nothing else."""
    from qwatt.core.errors import QwattError
    from qwatt.core.headline import counted
    from qwatt.report.runs.ask import list_runs

    if older is None and not failed:
        raise QwattError("which runs?", where="runs prune", mend="give --older DAYS, --failed, or both")
    with _index(folders) as index:
        runs = [
            run
            for run in list_runs(index)
            if run.trials  # recorded work alone is no run that is old or failed
            and not (failed and run.recorded)
            and _is_meant(run.last, run.trials - run.failed, older, failed)
        ]
    gone, kept = _cleared([run.path for run in runs], folders or [Path("runs")], yes)
    if as_json:
        print_json({"deleted": gone if yes else [], "would_delete": [] if yes else gone, "kept": kept})
        return
    for path in gone:
        say(f"{'deleted' if yes else 'would delete'} {path}")
    for path, why in kept.items():
        say(f"kept {path}: {why}")
    if gone:
        say(f"{counted(len(gone), 'run')} {'deleted' if yes else 'would be deleted; nothing was: add --yes'}")
    else:
        say("no run to delete")


def _cleared(paths: list[str], roots: list[Path], yes: bool) -> tuple[list[str], dict[str, str]]:
    """Delete runs, or with `yes` false find what would be; return those, and why others are kept."""
    from qwatt.core.errors import QwattError
    from qwatt.report.runs.prune import delete_run, kept_because

    gone: list[str] = []
    kept: dict[str, str] = {}
    for path in paths:
        try:
            if (why := kept_because(Path(path), roots)) is not None:
                kept[path] = why
                continue
            if yes:
                delete_run(Path(path), roots)
            gone.append(path)
        except QwattError as error:
            kept[path] = error.what
    return gone, kept


def _is_meant(last: str, finished: int, older: int | None, failed: bool) -> bool:
    from datetime import UTC, datetime, timedelta

    limit = datetime.now(UTC) - timedelta(days=older or 0)
    is_old = older is None or datetime.fromisoformat(last).replace(tzinfo=UTC) < limit
    return is_old and (not failed or finished == 0)


@contextmanager
def _index(folders: list[Path] | None, rebuild: bool = False) -> Iterator[sqlite3.Connection]:
    from qwatt.cli.loop_progress import LoopProgress
    from qwatt.core.progress import listening
    from qwatt.report.runs.index import opened

    with LoopProgress() as progress, listening(progress), opened(folders or [Path("runs")], rebuild) as index:
        yield index


_LONGEST = 40


def _short(path: str) -> str:
    """Return a path as it is written from here, or its end where that is long; --json has it whole."""
    near = min(os.path.relpath(path), path, key=len)
    return near if len(near) <= _LONGEST else f"…{near[1 - _LONGEST :]}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"


def _tell_rest(count: int, limit: int, what: str) -> None:
    if count > limit:
        say(f"and {count - limit:,} more {what} (--limit or --json shows them)")


_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 24


def _line(values: list[float]) -> str:
    """Return the latest values as bars between the lowest and the highest."""
    shown = values[-_WIDTH:]
    low, high = min(shown), max(shown)
    step = (high - low) / (len(_BARS) - 1) or 1.0
    return "".join(_BARS[round((value - low) / step)] for value in shown)
