"""`qwatt watch-list`: near misses, what would trigger them, and what moved since the last list."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from qwatt.cli.options import Json

STATE_HELP = "What the last list left, and this one leaves; else runs/watch-list-SCENARIO.json."
SHOWN = 15
TITLE = """Quantum enhancements to watch, the nearest first.
10^x: joules over the best classical method's, in the last year; parity: the machine that would bring it, in
fields of qpus.toml.
"""


def watch_list(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A scenario file, or the name of a shipped one.")
    ] = "llama-3.1-8b-chat",
    state: Annotated[Path | None, typer.Option("--state", metavar="FILE", help=STATE_HELP)] = None,
    as_json: Json = False,
) -> None:
    """Rank the quantum enhancements to watch, with their triggers and what moved since the last list."""
    from qwatt.cli.output import print_json, say
    from qwatt.projection.project import project
    from qwatt.projection.scenario.file import load_scenario
    from qwatt.projection.verdicts import watch

    given = load_scenario(scenario)
    path = state or Path("runs") / f"watch-list-{given.id}.json"
    before = watch.remembered(path)
    if not as_json:
        say(TITLE)
        sys.stdout.flush()
    entries = project(given).to_record()["enhancements"]
    rows = watch.watch_list(entries, before)
    watch.remember(entries, path)
    if as_json:
        print_json(rows)
        return
    _print(rows, before)


def _print(rows: Sequence[Mapping[str, Any]], before: Mapping[str, Any] | None) -> None:
    from qwatt.cli.output import console, say
    from qwatt.report.projection.amounts import percent
    from qwatt.report.projection.distances import distance_number

    width = min(console().width, 110)
    for row in rows[:SHOWN]:
        share = "?" if row["ceiling_share"] is None else percent(row["ceiling_share"])
        say(f"10^{distance_number(row['distance'])}  {row['name']}")
        facts = [f"limit {row['limit']}; a free QPU would save {share} of the life"]
        facts += [f"parity: {row['trigger'] or 'no machine within a century of progress'}"]
        facts += [] if row["moved"] is None else [f"moved: {_moved(row['moved'])}"]
        for fact in facts:
            say(textwrap.fill(fact, width, initial_indent=" " * 8, subsequent_indent=" " * 10))
    left = len(rows) - SHOWN
    if left > 0:
        console().print(f"{left} more are farther away: --json lists them")
    console().print(
        "first list: the next one says what moved" if before is None else f"since {before['date']}"
    )


def _moved(moved: Mapping[str, Any]) -> str:
    parts = [f"{moved['distance']:+.2f} powers of ten"] if moved["distance"] else []
    parts += [f"{moved['verdict'][0]} to {moved['verdict'][1]}"] if moved["verdict"] else []
    parts += [f"met by {', '.join(moved['met_by'])}"] if moved["met_by"] else []
    parts += [f"by {', '.join(moved['because'][:3])}"] if moved["because"] else []
    return "; ".join(parts) or "nothing"
