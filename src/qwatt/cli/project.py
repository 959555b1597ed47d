"""`qwatt project`: life-cycle energy, chances, money, risk and verdicts for the user's own model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qwatt.cli import completion
from qwatt.cli.figures import Figures, figure_kind, figures_record, say_figures
from qwatt.cli.options import Json
from qwatt.cli.output import print_json, say

if TYPE_CHECKING:
    from qwatt.api.project import LifeProjection

SCENARIO_HELP = "A scenario file, or the name of a shipped one (`qwatt list scenarios`)."
OUT_HELP = "Folder for the report and its data, else runs/project-SCENARIO."
RUN_HELP = "A run folder: its trials anchor the projection, its recorded stages stand in the life."


def project(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help=SCENARIO_HELP, autocompletion=completion.scenarios)
    ],
    out: Annotated[Path | None, typer.Option("--out", help=OUT_HELP)] = None,
    run: Annotated[Path | None, typer.Option("--run", metavar="DIR", help=RUN_HELP)] = None,
    draws: Annotated[
        str | None,
        typer.Option("--draws", metavar="N", help="Possible futures, 100 to 1e6; else the scenario's."),
    ] = None,
    seed: Annotated[str | None, typer.Option("--seed", metavar="N", help="Else the scenario's.")] = None,
    free_qpu: Annotated[
        bool, typer.Option("--free-qpu", help="Answer as if QPUs cost nothing and had any size.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Print every lever, verdict and claim.")] = False,
    figures: Figures = None,
    as_json: Json = False,
) -> None:
    """Rank what saves energy on your model, of every kind; writes report.html, projection.json and .csv."""
    from qwatt.api.project import of_scenario
    from qwatt.cli.estimate.numbers import maybe_whole
    from qwatt.cli.waiting import projecting
    from qwatt.core.run_folder import RunFolder
    from qwatt.projection.scenario.file import changed, load_scenario
    from qwatt.report.projection import make_folder

    kind = figure_kind(figures)
    given = load_scenario(scenario)
    wanted = {"outlook.draws": maybe_whole("draws", draws), "outlook.seed": maybe_whole("seed", seed)}
    given = changed(given, {key: value for key, value in wanted.items() if value is not None})
    measured = None if run is None else RunFolder.open(run)
    folder = out or Path("runs") / f"project-{given.id}{'-free-qpu' if free_qpu else ''}"
    make_folder(folder)
    if not as_json:
        _life_first(given, run, full)
    with projecting(given):
        found = of_scenario(given, measured, free_qpu=free_qpu)
    _report(found, folder, kind, full, as_json)


def _life_first(scenario: Any, run: Path | None, full: bool) -> None:
    """Print what the life takes, known at once; what is refused is refused before."""
    from qwatt.projection.life.life_cycle import life_cycle
    from qwatt.projection.life.recorded import recorded_of
    from qwatt.projection.project import life_record, settings_of
    from qwatt.projection.scaling import scenario_sizes
    from qwatt.report.projection.screen import print_life_in_short
    from qwatt.report.projection.terminal import print_life

    settings_of(scenario)
    scenario_sizes(scenario)
    life = life_record(life_cycle(scenario, recorded_of(run)))
    (print_life if full else print_life_in_short)(life)
    sys.stdout.flush()


def _report(found: LifeProjection, folder: Path, kind: str | None, full: bool, as_json: bool) -> None:
    from qwatt.report.projection.screen import print_in_short
    from qwatt.report.projection.terminal import print_projection

    written = found.write_report(folder)
    drawn = _figures(written.projection, folder / "figures", kind) if kind else []
    if as_json:
        print_json(written.to_dict() | figures_record(drawn))
        return
    (print_projection if full else print_in_short)(written.projection.to_record())
    if not full:
        say("every lever, verdict and claim: in the report, or by --full")
    say(f"report: {written.report}")
    say_figures(drawn)


def _figures(projection: Any, folder: Path, kind: str) -> list[Path]:
    from qwatt.report.gallery.files import write_figures
    from qwatt.report.gallery.of_projection import projection_figures

    return write_figures(projection_figures(projection), folder, kind)
