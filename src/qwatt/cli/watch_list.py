"""`qwatt watch-list`: near misses, what would trigger them, and what moved since the last list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from qwatt.cli.options import Json

STATE_HELP = "What the last list left, and this one leaves; else runs/watch-list-SCENARIO.json."
SHOWN = 15


def watch_list(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A scenario file, or the name of a shipped one.")
    ] = "llama-3.1-8b-chat",
    state: Annotated[Path | None, typer.Option("--state", metavar="FILE", help=STATE_HELP)] = None,
    as_json: Json = False,
) -> None:
    """Rank the quantum enhancements to watch, with their triggers and what moved since the last list."""
    from qwatt.cli.output import print_json
    from qwatt.projection.project import project
    from qwatt.projection.scenario.file import load_scenario
    from qwatt.projection.verdicts import watch

    given = load_scenario(scenario)
    path = state or Path("runs") / f"watch-list-{given.id}.json"
    before = watch.remembered(path)
    entries = project(given).to_record()["enhancements"]
    rows = watch.watch_list(entries, before)
    watch.remember(entries, path)
    if as_json:
        print_json(rows)
        return
    _print(rows, before)


def _print(rows: Sequence[Mapping[str, Any]], before: Mapping[str, Any] | None) -> None:
    from qwatt.cli.output import console, print_table
    from qwatt.report.projection.amounts import percent
    from qwatt.report.projection.distances import distance_number

    cells = [
        (
            row["name"],
            distance_number(row["distance"]),
            row["limit"],
            "–" if row["ceiling_share"] is None else percent(row["ceiling_share"]),
            row["trigger"] or "none: no machine within a century of progress",
            _moved(row["moved"]),
        )
        for row in rows[:SHOWN]
    ]
    title = (
        "Watch list; x: powers of ten over the best classical method's joules in the last year; "
        "share of the life that a free QPU would save, and fields of qpus.toml that would bring parity"
    )
    print_table(title, ("enhancement", "10^x", "limit", "saves at most", "trigger", "moved"), cells)
    left = len(rows) - SHOWN
    if left > 0:
        console().print(f"{left} more are farther away: --json lists them")
    console().print(
        "first list: the next one says what moved" if before is None else f"since {before['date']}"
    )


def _moved(moved: Mapping[str, Any] | None) -> str:
    if moved is None:
        return "–"
    parts = [f"{moved['distance']:+.2f} powers of ten"] if moved["distance"] else []
    parts += [f"{moved['verdict'][0]} to {moved['verdict'][1]}"] if moved["verdict"] else []
    parts += [f"met by {', '.join(moved['met_by'])}"] if moved["met_by"] else []
    parts += [f"by {', '.join(moved['because'][:3])}"] if moved["because"] else []
    return "; ".join(parts) or "nothing"
