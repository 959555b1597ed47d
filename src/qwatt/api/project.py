"""Project every enhancement onto the life of the user's model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.api.figure import Figure, first_of
from qwatt.api.result import Result, Row
from qwatt.core.errors import unknown_name
from qwatt.core.run_folder import RunFolder

if TYPE_CHECKING:
    from qwatt.projection.project import Projection
    from qwatt.projection.scenario.model import Scenario

TABLES = ("levers", "stages", "enhancements")


@dataclass(frozen=True, repr=False)
class LifeProjection(Result):
    """A projection.

    Args:
        projection: everything that was found.
        report: the page, where one was written.
    """

    projection: Projection
    report: Path | None = None

    @property
    def title(self) -> str:
        """Return what the life takes, and how many years it serves."""
        from qwatt.report.projection.lead import lead

        return f"{self._record['name']}. {lead(self._record, self.projection.scenario.deployment.years)}"

    @cached_property
    def _record(self) -> dict[str, Any]:
        return self.projection.to_record()

    def rows(self, table: str = "levers") -> Sequence[Row]:
        """Return a row a lever, the best first; or a row a stage of the life, or an enhancement.

        Args:
            table: "levers", "stages" or "enhancements".

        Raises:
            QwattError: there is no such table.
        """
        from qwatt.report.projection.exports import enhancement_row, lever_row, stage_row

        writers = {"levers": lever_row, "stages": stage_row, "enhancements": enhancement_row}
        if table not in writers:
            raise unknown_name("table of a projection", table, TABLES, where="table")
        return [writers[table](entry) for entry in self._record[table]]

    def frame(self, library: str | None = None, table: str = "levers") -> Any:
        """Return a table as a data frame.

        Args:
            library: "pandas" or "polars"; else the first of them that is installed.
            table: "levers", "stages" or "enhancements".

        Raises:
            QwattError: no such table, or the library is not installed.
        """
        from qwatt.api.frames import to_frame

        return to_frame(self.rows(table), library)

    def figure(self) -> Figure | None:
        """Return the picture of the life's energy by stage."""
        from qwatt.report.gallery.of_projection import projection_figures

        return first_of(projection_figures(self.projection), "life-energy-by-stage")

    def to_dict(self) -> dict[str, Any]:
        """Return what `qwatt project --json` prints; the path of the report where one was written."""
        return self._record | ({} if self.report is None else {"report": str(self.report)})

    def write_report(self, folder: str | PathLike[str]) -> LifeProjection:
        """Write report.html, projection.json and the tables into a folder; the answer knows the page's path.

        Raises:
            QwattError: the folder is a file, or cannot be written.
        """
        from qwatt.report.projection import write_projection_report

        return replace(self, report=write_projection_report(self.projection, Path(folder)))


def of_scenario(
    scenario: Scenario, run: RunFolder | None = None, *, free_qpu: bool = False
) -> LifeProjection:
    """Project a checked scenario; its outlook holds draws and seed."""
    from qwatt.projection.project import project as compute

    return LifeProjection(compute(scenario, run_folder=run, free_qpu=free_qpu))


def project(
    scenario: str | PathLike[str] | Mapping[str, Any],
    *,
    run: str | PathLike[str] | None = None,
    out: str | PathLike[str] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    free_qpu: bool = False,
) -> LifeProjection:
    """Rank what saves energy over the life of a model, as `qwatt project` does.

    Args:
        scenario: a scenario's file, the name of a shipped one, or the tables of a scenario's TOML.
        run: a run folder whose measured trials anchor the projection.
        out: where the report goes; without it nothing is written.
        draws, seed: possible futures and their seed, in place of the scenario's.
        free_qpu: answer as if QPUs cost nothing and had any size.

    Raises:
        QwattError: something that you can mend; it says what, where and how.
    """
    from qwatt.projection.scenario.file import changed, load_scenario, scenario_of

    given = scenario_of(scenario) if isinstance(scenario, Mapping) else load_scenario(fspath(scenario))
    wanted = {"outlook.draws": draws, "outlook.seed": seed}
    given = changed(given, {key: value for key, value in wanted.items() if value is not None})
    measured = None if run is None else RunFolder.open(Path(run))
    found = of_scenario(given, measured, free_qpu=free_qpu)
    return found if out is None else found.write_report(out)
