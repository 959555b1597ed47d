"""`qwatt report`: write a run's report again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qwatt.cli import completion
from qwatt.cli.figures import Figures, figure_kind, figures_record, say_figures
from qwatt.cli.options import Json
from qwatt.cli.output import print_json, say

if TYPE_CHECKING:
    from qwatt.core.run_folder import RunFolder
    from qwatt.projection.project import Projection
    from qwatt.projection.scenario.model import Scenario

SCENARIO = "Project what was measured onto this scenario; else onto the one that the study names, if any."


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run folder.")],
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", metavar="NAME|FILE", help=SCENARIO, autocompletion=completion.scenarios),
    ] = None,
    figures: Figures = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the figures; else DIR/figures.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare a run's trials, project them onto a scenario; writes report.html and its data beside them."""
    from qwatt.core.energy_log import read_energy
    from qwatt.core.run_folder import RunFolder
    from qwatt.core.study_file import load_study
    from qwatt.report import comparisons_of, others_of, write_report
    from qwatt.report.recorded import print_recorded, recorded_record
    from qwatt.report.result import results_of
    from qwatt.report.scenario import scenario_of
    from qwatt.report.terminal import print_comparisons
    from qwatt.report.terminal_results import print_results

    kind = figure_kind(figures, out)
    run = RunFolder.open(folder)
    study = load_study(run.path / "study.toml") if run.trials_file.is_file() else None
    given = scenario_of(study, scenario, run)
    projection = _projected(given, run)
    path = write_report(run, projection)
    drawn = _figures(run, projection, kind, out) if kind else []
    if as_json:
        from qwatt.core.comparison import to_record

        print_json(
            {
                "report": str(path),
                "comparisons": [to_record(c) for c in comparisons_of(run)],
                "not_shown": others_of(run),
                "recorded": recorded_record(read_energy(run.path)),
            }
            | figures_record(drawn)
        )
    else:
        print_results(results_of(comparisons_of(run), f"{run.path}{os.sep}"))
        print_comparisons(run.path)
        print_recorded(run)
        for text in others_of(run):
            say(f"not shown: {text}")
        say(f"report: {path}")
        say_figures(drawn)


def _projected(scenario: Scenario | None, run: RunFolder) -> Projection | None:
    from qwatt.cli.waiting import projecting
    from qwatt.report.scenario import projected

    if scenario is None:
        return None
    with projecting(scenario):
        return projected(scenario, run)


def _figures(run: RunFolder, projection: Projection | None, kind: str, out: Path | None) -> list[Path]:
    from qwatt.report import subject_of
    from qwatt.report.gallery.files import write_figures

    return write_figures(subject_of(run, projection).figures, out or run.path / "figures", kind)
