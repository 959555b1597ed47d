"""`qwatt dedup`: a corpus of any size without its near duplicates."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qwatt.cli.options import Json
from qwatt.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from qwatt.energy.meter import Measurement
    from qwatt.stages.curation.dedup.corpus.deduplicate import Outcome

INPUT_HELP = "Files or folders: .jsonl, .jsonl.gz, .parquet, .csv, .txt; FILE#body names the text's field."
OUT_HELP = "Where the kept rows go: .jsonl, .jsonl.gz, or from Parquet .parquet."
SHINGLES_HELP = "What is compared: wordN or charN, runs of N words or characters."
RAY_HELP = "A Ray cluster's address, or local; inputs and output lie under one path on all nodes."
MEMORY_HELP = "Gigabytes to stay below, about; less makes smaller shards."

_MOST_WORKERS = 1024
_SHARD_SHARE = 16
"""Memory that a worker takes beside a shard's text, in shards."""


def dedup(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help=INPUT_HELP)],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=OUT_HELP)],
    threshold: Annotated[float, typer.Option(help="Least Jaccard similarity of near duplicates.")] = 0.6,
    shingles: Annotated[str, typer.Option(help=SHINGLES_HELP)] = "word5",
    workers: Annotated[int, typer.Option(min=1, max=_MOST_WORKERS, help="Processes.")] = 1,
    ray: Annotated[str | None, typer.Option("--ray", metavar="ADDRESS", help=RAY_HELP)] = None,
    memory: Annotated[float, typer.Option(min=0.1, max=1e6, metavar="GB", help=MEMORY_HELP)] = 1.0,
    as_json: Json = False,
) -> None:
    """Write a corpus of any size without its near duplicates, each verified; a second call goes on."""
    from qwatt.cli.loop_progress import LoopProgress
    from qwatt.core.progress import listening
    from qwatt.energy.meter import Meter
    from qwatt.stages.curation.dedup.corpus import deduplicate as engine
    from qwatt.stages.curation.dedup.corpus.shards import SHARD_BYTES
    from qwatt.stages.curation.dedup.corpus.workers import workers as open_workers

    shard_bytes = min(SHARD_BYTES, int(memory * 1e9) // workers // _SHARD_SHARE)
    try:
        with (
            LoopProgress() as progress,
            listening(progress),
            Meter().window("dedup") as window,
            open_workers(workers, ray) as who,
        ):
            outcome = engine.deduplicate(
                inputs, out, threshold, shingles, workers=who, shard_bytes=shard_bytes
            )
    except KeyboardInterrupt:
        say("\ninterrupted; run the same command again to go on where it stopped", to_stderr=True)
        raise typer.Exit(130) from None
    measured = window.measurement
    if as_json:
        print_json(asdict(outcome) | {"measured": measured.to_record()})
    else:
        _tell(outcome, measured)


def _tell(outcome: Outcome, measured: Measurement) -> None:
    from qwatt.report.marks import energy_in_words

    rows = [("read", outcome.documents_in), ("kept", outcome.documents_kept)]
    rows += [(f"removed: {kind}", count) for kind, count in outcome.removed_by_kind.items()]
    rows += [(f"skipped: {reason}", count) for reason, count in outcome.skipped.items()]
    print_table("Documents", ("", "documents"), [(what, f"{count:,}") for what, count in rows])
    if outcome.buckets_capped:
        say(
            f"{outcome.buckets_capped:,} groups have so many documents that resemble each other below the "
            "threshold that not all of their pairs were compared: some near duplicates may be left in them"
        )
    speed = outcome.text_bytes / 1e6 / max(measured.seconds, 1e-9)
    say(
        f"{outcome.text_bytes / 1e6:,.1f} MB of text in {measured.seconds:,.1f} s ({speed:,.1f} MB/s), "
        f"{measured.cpu_seconds:,.1f} CPU s, {measured.peak_rss_bytes / 1e6:,.0f} MB, "
        f"{energy_in_words(measured.energy)}"
    )
    say(f"kept: {outcome.out}")
    say(f"removed, and why: {outcome.removed}")
