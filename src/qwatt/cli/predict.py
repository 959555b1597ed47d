"""`qwatt predict`: label data with what a run has made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qwatt.cli.options import Json
from qwatt.cli.output import print_json, print_table, say
from qwatt.core.errors import QwattError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qwatt.core.prediction import Prediction

PLACE_HELP = "A run folder, or the folder of one artifact below its artifacts/."
DATA_HELP = "A file or folder with the texts, or the rows of a table, to label."
OUT_HELP = (
    "Where the labels go, in place of a file of that name; "
    "text that a spreadsheet would take for a formula gets a ' before it."
)


def predict(
    place: Annotated[Path, typer.Argument(metavar="RUN|ARTIFACT", help=PLACE_HELP)],
    data: Annotated[str, typer.Option("--data", help=DATA_HELP)],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=OUT_HELP)] = Path("predictions.csv"),
    as_json: Json = False,
) -> None:
    """Label your data with an artifact, or with the best method's of a run; writes predictions.csv."""
    from qwatt.api.labels import Labels
    from qwatt.core.headline import counted
    from qwatt.data.report import gather_reports
    from qwatt.protocol.predictor import predict as compute

    _refuse_to_spoil(data, out)
    with gather_reports() as reports:
        card, prediction = compute(place, data)
    _write(prediction, out)
    for report in reports:
        if report.skipped or report.encodings:
            say(f"{report.source}: {report}", to_stderr=True)
    if as_json:
        print_json(Labels(card.task, card.method, prediction).to_dict())
        return
    title = f"{counted(len(prediction.rows), 'row')} labelled by {card.method} of {card.task}"
    print_table(title, ("label", "rows"), list(prediction.counts.items()))
    say(f"labels: {out}")


def _refuse_to_spoil(data: str, out: Path) -> None:
    """Refuse to write over the data, or beside files that the next call would read as data."""
    from qwatt.core.regular import real_path
    from qwatt.data.naming import split_source

    source, target = real_path(split_source(data)[0]), real_path(out)
    if target == source or source in target.parents:
        what = "the labels would be written over the data, or among its files"
        raise QwattError(what, where=str(out), mend="give another file by --out")


def _write(prediction: Prediction, out: Path) -> None:
    from qwatt.core.durable import write_out
    from qwatt.data.cells import to_csv

    found = dict.fromkeys(name for row in prediction.rows for name in row)
    first = [name for name in ("id", "text", "label") if name in found or not prediction.rows]
    columns = list(dict.fromkeys([*first, *found]))
    write_out(out, to_csv(columns, [_cells(row) for row in prediction.rows]), "give another file by --out")


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row whose lists and tables are JSON, as no cell holds them."""
    from qwatt.data.rows import to_json

    return {key: to_json(value) if isinstance(value, list | dict) else value for key, value in row.items()}
